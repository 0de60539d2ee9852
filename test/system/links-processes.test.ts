import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Network } from "../../src/contracts/deployment.ts";
import type { LinkShaping, ShapingSecond } from "../../src/contracts/links/shaping.ts";
import { until } from "../../src/core/async.ts";
import { quantileOf } from "../../src/core/numbers/quantile.ts";
import { findNamespaceTools } from "../../src/deploy/links/namespaces/tools.ts";
import { linksOf } from "../deploy/links/matrix.ts";
import { ask } from "../deploy/real-engine.ts";
import { planTinyNodes } from "../deploy/tiny-plan.ts";
import { deployerIn, nodeOf } from "../support/small-network.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const tools = await findNamespaceTools();
const whyNot = typeof tools === "string" ? `(skipped: ${tools})` : undefined;

const signal = AbortSignal.timeout(170_000);
const interfaces = () => execFileSync("ip", ["-o", "link"], { encoding: "utf8" });
/** Those of the children of a process, other than its own. */
async function namespacesBelow(pid: number): Promise<string[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ");
  const all = await Promise.all(children.map((child) => readlink(`/proc/${child}/ns/net`)));
  const own = await readlink(`/proc/${pid}/ns/net`);
  return [...new Set(all)].filter((namespace) => namespace !== own);
}

/** Whether any process is in one of the namespaces. */
async function areLeft(namespaces: readonly string[]): Promise<boolean> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => "")));
  return all.some((namespace) => namespaces.includes(namespace));
}

const limits = { timeoutMs: 10_000, everyMs: 50 };
const pairs = [
  { from: "node0", to: "node1" },
  { from: "node2", to: "node3" },
];

async function medians(links: LinkShaping, asked = pairs): Promise<number[]> {
  const probed = await links.probe({ kind: "echo", pairs: asked, packets: 100, perSecond: 200 }, signal);
  return probed.map(({ delaysMs, received }) => (received === 0 ? Number.NaN : quantileOf(delaysMs, 0.5)));
}

describe.skipIf(whyNot !== undefined)(`links between plain processes ${whyNot ?? ""}`, () => {
  let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
  let network: Network;
  let links: LinkShaping;
  const before = interfaces();
  const seconds: ShapingSecond[] = [];

  beforeAll(async () => {
    folder = await openTemporaryFolder();
    const deployer = deployerIn(folder.path);
    const plan = { ...planTinyNodes(4), links: linksOf(4, () => ({ delayMs: 25 })) };
    expect(await deployer.check(plan, signal)).toEqual([]);
    network = await deployer.deploy(plan, { run: "run-1", cleanup: "thorough", emit: () => {}, signal });
    if (network.links === undefined) throw new Error("no links");
    links = network.links;
    links.onSecond((second) => seconds.push(second));
  });
  afterAll(async () => {
    await network[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test("nodes have addresses of their own, and reach each other as late as was asked", async () => {
    const endpoints = network.nodes.map(({ name }) => network.endpoint(name, "coordinator", "rpc"));
    expect(new Set(endpoints.map(({ host }) => host)).size).toBe(4);
    for (const endpoint of endpoints) await ask(endpoint, "/name");
    const startMs = performance.now();
    // Three in parallel, each a connection (two ways) and a request (two ways).
    expect(await ask(endpoints[0] ?? { host: "", port: 0 }, "/peers")).toEqual(["node1", "node2", "node3"]);
    expect(performance.now() - startMs).toBeGreaterThan(95);
    for (const median of await medians(links)) expect(Math.abs(median - 25)).toBeLessThan(1.5);
    expect(links.bare).toHaveLength(12);
    expect((await network.describe()).links).toMatchObject({ mechanism: links.mechanism });
  });

  test("links change while nodes run", async () => {
    const [first] = pairs;
    if (first === undefined) throw new Error("no pair");
    const shape = { ...linksOf(2, () => ({})).matrix.shapes[0]?.[1], delayMs: 60 } as never;
    await links.set([{ ...first, shape }], signal);
    const [changed = 0, other = 0] = await medians(links);
    expect(Math.abs(changed - 60)).toBeLessThan(2);
    expect(Math.abs(other - 25)).toBeLessThan(2);
    await until(() => seconds.find(({ released }) => released > 0), {
      ...limits,
      describe: () => "no report",
    });
  });

  test("a node that was killed and started again is still shaped", async () => {
    await nodeOf(network, 3).kill();
    await nodeOf(network, 3).start();
    await ask(network.endpoint("node3", "coordinator", "rpc"), "/name");
    const [, median = 0] = await medians(links);
    expect(Math.abs(median - 25)).toBeLessThan(2);
  });

  test("the end of the shaper is told at once, and nothing is left at the end", async () => {
    const failures: string[] = [];
    links.onFailure((why) => failures.push(why));
    const [machine] = network.machines?.() ?? [];
    const all = (await machine?.processes()) ?? [];
    const shaper = all.at(-1)?.pid ?? 0;
    process.kill(shaper, "SIGKILL");
    expect(
      await until(() => failures[0], { ...limits, timeoutMs: 1000, describe: () => "not told" }),
    ).toMatch(/^The link shaper has ended: its process was ended by SIGKILL/);
    expect(await network.stop("thorough")).toBeUndefined();
    await until(() => (interfaces() === before ? true : undefined), { ...limits, describe: interfaces });
  });

  test("where the kernel shapes nothing, it is the relay; another mechanism is refused with the remedy", async () => {
    await using state = await openTemporaryFolder();
    const script = fileURLToPath(new URL("../deploy/links/deploy-unshaped.ts", import.meta.url));
    // Without these programs neither mechanism passes its trial; nobody else sees that they are gone.
    const hide =
      'for program in tc iptables; do mount --bind /dev/null "$(command -v $program)"; done; exec "$@"';
    const argv = ["--mount", "sh", "-ec", hide, "sh", process.execPath, script, state.path];
    const found = JSON.parse(execFileSync("unshare", argv, { encoding: "utf8" }));
    const because =
      /netem does not work here: tc is not installed\. .*; nfqueue does not work here: iptables.* is not installed/;
    expect(found).toEqual({
      unforced: [],
      mechanism: "relay",
      facts: { mechanism: "relay", because: expect.stringMatching(because) },
      forced: [
        expect.stringMatching(
          /^--link-mechanism netem cannot be used with plain processes here: .*tc is not installed.*\. Use --link-mechanism relay, or use a machine/,
        ),
      ],
      lossy: [expect.stringMatching(/^links: the relay \(used because: .*\) .*, and cannot do loss\./)],
    });
  });

  test("a killed coordinator leaves no process, namespace or interface", async () => {
    await using state = await openTemporaryFolder();
    const script = fileURLToPath(new URL("../deploy/links/deploy-and-hang.ts", import.meta.url));
    const child = spawn(process.execPath, [script, state.path], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const made = await namespacesBelow(child.pid ?? 0);
    // Of three nodes, and of what joins them.
    expect(made).toHaveLength(4);
    child.kill("SIGKILL");
    await until(async () => ((await areLeft(made)) ? undefined : true), {
      ...limits,
      describe: () => "processes are left",
    });
    await until(() => (interfaces() === before ? true : undefined), { ...limits, describe: interfaces });
  });
});
