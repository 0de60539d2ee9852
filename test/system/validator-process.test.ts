import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { openFolder } from "../validator/folder.ts";
import type { HomeFiles } from "../validator/homes.ts";
import { call, main, openProcesses, type Running, reach } from "../validator/processes.ts";
import { quantileOf, scrape, sumOf } from "../validator/prometheus.ts";

/** Runs the entry to its end. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
  const texts = { out: "", error: "" };
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    texts.out += more;
  });
  child.stderr.setEncoding("utf8").on("data", (more: string) => {
    texts.error += more;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...texts };
}

describe("a validator's command line", () => {
  test("tells its flags and its version", async () => {
    const help = await run(["--help"]);
    expect(help).toMatchObject({ code: 0, error: "" });
    expect(help.out).toMatch(/^Usage: main\.js --home DIR \[flags\]/);
    const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
    expect(await run(["--version"])).toEqual({ code: 0, out: `${version}\n`, error: "" });
  });

  test("names all that is wrong with flags, environment and files at once, each on a line, and ends with 2", async () => {
    await using folder = await openFolder();
    const { code, out, error } = await run(["--home", folder.path, "--log-sync=always", "--blok-size", "1"], {
      BALEEN_VALIDATOR_MEMPOOL_SIZE: "none",
    });
    expect([code, out]).toEqual([2, ""]);
    const lines = error.trim().split("\n");
    for (const line of lines) expect(line).toMatch(/^validator: /);
    expect(lines.join("\n")).toMatch(
      /--blok-size: no such flag\. Did you mean --block-size\?[\s\S]*BALEEN_VALIDATOR_MEMPOOL_SIZE: "none" is not allowed/,
    );
    for (const file of ["genesis.json", "validator-key.json", "config.json"]) {
      expect(error).toMatch(new RegExp(`${file}: cannot be read: ENOENT`));
    }
    expect(lines.length).toBe(6);
    expect(await run([])).toMatchObject({ code: 2, error: expect.stringContaining("Give --home DIR") });
  });

  test("a broken configuration file is named, with the nearest field, and its key is never told", async () => {
    await using committee = await openProcesses(1);
    const { folder, config, key } = committee.homes[0] as HomeFiles;
    await writeFile(
      join(folder, "config.json"),
      JSON.stringify({ ...config, logg: {}, mempool: { mostBytes: 0 } }),
    );
    const { code, error } = await run(["--home", folder]);
    expect(code).toBe(2);
    expect(error).toMatch(/config\.json: logg is not a known field\. Did you mean log\?/);
    expect(error).toMatch(/mempool\.mostBytes must be a whole number from 1 to /);
    expect(error).not.toContain(key.seed);
  });

  test("a flag counts before the environment, the environment before the file", async () => {
    await using committee = await openProcesses(1);
    const { folder } = committee.homes[0] as HomeFiles;
    const levels = async (args: readonly string[], env: Record<string, string>) => {
      const { stdout, exit } = await startAndStop(["--home", folder, ...args], env);
      expect(await exit).toEqual([0, null]);
      return new Set(stdout().match(/(?<="level":")[a-z]+/g));
    };
    expect(await levels([], {})).toEqual(new Set(["info"]));
    expect(await levels([], { BALEEN_VALIDATOR_LOG_LEVEL: "warn" })).toEqual(new Set());
    expect(await levels(["--log-level=info"], { BALEEN_VALIDATOR_LOG_LEVEL: "warn" })).toEqual(
      new Set(["info"]),
    );
  });
});

/** Starts a validator, and ends it in good order once it can be: by closing its standard input. */
async function startAndStop(args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [main, ...args, "--exit-with-parent"], {
    env: { ...process.env, ...env },
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  const exit = once(child, "close");
  child.stdin.end();
  return { stdout: () => text, exit };
}

/** Local addresses of the sockets on which a process listens, as /proc tells: "127.0.0.1:26657", "udp …". */
async function listeningSockets(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")));
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const listening = "0A";
  const found: string[] = [];
  for (const kind of ["tcp", "tcp6", "udp", "udp6"]) {
    const [, ...rows] = (await readFile(`/proc/${pid}/net/${kind}`, "utf8")).trim().split("\n");
    for (const row of rows) {
      const [, address = "", , state, , , , , , inode = ""] = row.trim().split(/\s+/);
      if (!inodes.has(inode) || (kind.startsWith("tcp") && state !== listening)) continue;
      found.push(kind === "tcp" ? readAddress(address) : `${kind} ${address}`);
    }
  }
  return found.sort();
}

/** "0100007F:68A1" → "127.0.0.1:26785"; the bytes of an IPv4 address stand in the machine's own order. */
function readAddress(text: string): string {
  const [address = "", port = ""] = text.split(":");
  const bytes = Buffer.from(address, "hex").reverse();
  return `${bytes.join(".")}:${Number.parseInt(port, 16)}`;
}

describe("a running validator", () => {
  test.runIf(platform() === "linux")("listens at its three addresses, and nowhere else", async () => {
    await using committee = await openProcesses(4);
    const all = [0, 1, 2, 3].map((authority) => committee.start(authority));
    await reach(all, 5);
    for (const { child, home } of all) {
      const { rpc, peer, metrics } = home.config;
      const reported = [rpc, peer, metrics].map(({ host, port }) => `${host}:${port}`);
      expect(await listeningSockets(child.pid ?? 0)).toEqual(reported.sort());
    }
  });

  test("tells its figures on both planes in Prometheus' form, and refuses what it or another has committed", async () => {
    await using committee = await openProcesses(4);
    const all = [0, 1, 2, 3].map((authority) => committee.start(authority));
    await reach(all, 10);
    const [first, second] = all as [Running, Running];
    const tx = Buffer.from("once").toString("base64");
    await call(first, "broadcast_tx_commit", { tx });
    await until(() => hasCommitted(second, "once"), {
      timeoutMs: 5_000,
      everyMs: 10,
      describe: () => "it was not committed at the second validator",
    });
    for (const node of [first, second]) {
      await expect(call(node, "broadcast_tx_sync", { tx })).rejects.toThrow("tx already exists in cache");
    }
    const { rpc, metrics } = second.home.config;
    const families = await scrape(metrics);
    expect([...(await scrape(rpc)).keys()]).toEqual([...families.keys()]);
    const sum = (name: string) => sumOf(families, name);
    expect(sum("cometbft_consensus_total_txs")).toBe(1);
    expect(sum("mysticeti_mempool_refusals_total")).toBe(1);
    expect(families.get("mysticeti_peer_received_bytes_total")?.samples).toHaveLength(3);
    expect(sum("mysticeti_log_bytes")).toBeGreaterThan(1_000);
    expect(sum("process_cpu_seconds_total")).toBeGreaterThan(0.05);
    const leaders = families.get("mysticeti_leader_commit_seconds");
    if (leaders === undefined) throw new Error("no times of leaders");
    // Between the last two of its three rounds at least one pause of 50 ms is kept.
    expect(quantileOf(leaders, 0.5)).toBeGreaterThan(0.04);
    expect(quantileOf(leaders, 0.5)).toBeLessThan(5);
  });

  test("answers what is under way when it is told to stop, and ends with 0 within 1.5 s", async () => {
    await using committee = await openProcesses(4);
    // Alone of four it commits nothing, so that broadcast_tx_commit waits.
    const node = committee.start(0);
    await answers(node);
    const { host, port } = node.home.config.rpc;
    const waiting = fetch(`http://${host}:${port}/broadcast_tx_commit?tx="waits"`);
    await until(() => logHolds(node, "waits"), {
      timeoutMs: 10_000,
      everyMs: 10,
      describe: () => "the transaction did not arrive in the log",
    });
    const exit = once(node.child, "exit");
    const asked = performance.now();
    node.child.kill("SIGTERM");
    const reply = (await (await waiting).json()) as object;
    expect(reply).toMatchObject({ id: -1, error: { code: -32603, data: "the node is stopping" } });
    expect(await exit).toEqual([0, null]);
    expect(performance.now() - asked).toBeLessThan(1_500);
    expect(node.output()).not.toContain(node.home.key.seed);

    // What it had taken it commits in its next life.
    const again = [0, 1, 2].map((authority) => committee.start(authority));
    await until(() => hasCommitted(again[0] as Running, "waits"), {
      timeoutMs: 20_000,
      everyMs: 100,
      describe: () => "the transaction was lost",
    });
  });
});

/** Whether some file of a validator's log holds a text. */
async function logHolds({ home }: Running, text: string): Promise<true | undefined> {
  const folder = join(home.folder, "log");
  for (const name of await readdir(folder)) {
    if ((await readFile(join(folder, name))).includes(text)) return true;
  }
  return undefined;
}

async function hasCommitted(node: Running, text: string): Promise<true | undefined> {
  const hash = createHash("sha256").update(text).digest("base64");
  return call(node, "tx", { hash }).then(
    () => true,
    () => undefined,
  );
}

async function answers(node: Running): Promise<void> {
  await until(
    async () => ((await call(node, "health").catch(() => undefined)) === undefined ? undefined : true),
    {
      timeoutMs: 15_000,
      everyMs: 20,
      describe: () => `it does not answer: ${node.output()}`,
    },
  );
}
