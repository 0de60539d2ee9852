import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getuid } from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ShapedDirection,
  type ShaperConfiguration,
  type ShaperReport,
  shaperConfigurationForm,
  shaperReportForm,
} from "../../src/contracts/links/shaper.ts";
import { readForm } from "../../src/core/documents/check-form.ts";
import { writeForm } from "../../src/core/documents/write-form.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { findOnPath } from "../../src/core/process/find-program.ts";
import { ProcessLines } from "../../src/core/process/lines.ts";
import { findCommand, installCommands, removeRules } from "../../src/shaper/rules.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const path = process.env.PATH;
const whyNot =
  getuid?.() !== 0
    ? "(skipped: needs root)"
    : ["ip", "iptables", "nsenter"].some((name) => findOnPath(name, path) === undefined)
      ? "(skipped: needs ip, iptables and nsenter)"
      : existsSync("/proc/net/netfilter/nfnetlink_queue")
        ? undefined
        : "(skipped: this kernel has no NFQUEUE)";

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const namespaces = { a: `baleen-test-a-${process.pid}`, b: `baleen-test-b-${process.pid}` } as const;
const addresses = { a: "10.77.1.1", b: "10.77.1.2" } as const;
const pathOf = (name: keyof typeof namespaces) => `/run/netns/${namespaces[name]}`;
const run = ([name = "", ...args]: readonly string[]) =>
  runCommand([findOnPath(name, path) ?? name, ...args], {
    env: { PATH: path },
    timeoutMs: 20_000,
    allowFailure: true,
  });
const ip = (words: string) => execFileSync("ip", words.split(" "));

/** A child whose lines are read one by one. */
function start(argv: readonly string[]) {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = new ProcessLines(child);
  const next = async () => {
    const line = await lines.next(AbortSignal.timeout(30_000));
    if (line === undefined) throw new Error(`${argv.join(" ")} has ended`);
    return JSON.parse(line);
  };
  return { child, next };
}

const traffic = (place: keyof typeof namespaces, ...words: readonly (string | number)[]) =>
  start([
    ...["ip", "netns", "exec", namespaces[place], process.execPath, file("../shaper/traffic.ts")],
    ...words.map(String),
  ]);

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** What b received of a's packets, and what the shaper reported. */
async function startShaper(shape: ShapedDirection) {
  const folder = await openTemporaryFolder();
  const target = { name: "b", namespacePath: pathOf("b"), queue: 11, sources: { [addresses.a]: shape } };
  const configuration: ShaperConfiguration = { seed: "test", mtuBytes: 1500, targets: [target] };
  const configurationPath = join(folder.path, "shaper.json");
  await writeFile(configurationPath, JSON.stringify(writeForm(shaperConfigurationForm, configuration)));
  const { child, next } = start([process.execPath, file("../../src/shaper/main.ts"), configurationPath]);
  const report = async <T extends ShaperReport["type"]>(type: T) => {
    for (;;) {
      const found = readForm(shaperReportForm, await next());
      if (found.type === type) return found as Extract<ShaperReport, { type: T }>;
    }
  };
  const shaper = {
    child,
    report,
    command: (line: object) => child.stdin.write(`${JSON.stringify(line)}\n`),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await endOf(child);
      await folder[Symbol.asyncDispose]();
    },
  };
  try {
    await report("ready");
    return shaper;
  } catch (error) {
    await shaper[Symbol.asyncDispose]();
    throw error;
  }
}

async function sendPackets(count: number, perSecond: number, afterMs = 300) {
  const receiver = traffic("b", "receive", 9000);
  await receiver.next();
  await endOf(traffic("a", "send", addresses.b, 9000, count, perSecond, 64).child);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  receiver.child.stdin.end();
  const { delaysMs } = (await receiver.next()) as { readonly delaysMs: number[] };
  return delaysMs.sort((one, other) => one - other);
}

const median = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;

describe.skipIf(whyNot !== undefined)(`the link shaper ${whyNot ?? ""}`, () => {
  beforeAll(async () => {
    ip(`netns add ${namespaces.a}`);
    ip(`netns add ${namespaces.b}`);
    ip(`-n ${namespaces.a} link add v0 type veth peer name v0 netns ${namespaces.b}`);
    for (const place of ["a", "b"] as const) {
      ip(`-n ${namespaces[place]} addr add ${addresses[place]}/24 dev v0`);
      ip(`-n ${namespaces[place]} link set v0 up`);
    }
    const rule = { namespacePath: pathOf("b"), queue: 11, senders: ["10.77.1.0/24"] };
    for (const argv of installCommands(rule)) expect(await run(argv)).toMatchObject({ exitCode: 0 });
  });

  afterAll(() => {
    for (const name of Object.values(namespaces)) execFileSync("ip", ["netns", "del", name]);
  });

  test("delays packets by what was asked", async () => {
    await using _shaper = await startShaper({ delayMs: 40 });
    const delaysMs = await sendPackets(100, 100);
    expect(delaysMs).toHaveLength(100);
    expect(delaysMs[0]).toBeGreaterThanOrEqual(39.9);
    // A shared machine may receive late; the median of many is not.
    expect(median(delaysMs)).toBeLessThan(45);
  });

  test("loses its share of packets, and counts them", async () => {
    const loss = { kind: "independent", lossRatio: 0.1 } as const;
    await using shaper = await startShaper({ delayMs: 0, loss });
    const received = (await sendPackets(2000, 4000)).length;
    // Five standard deviations: the seed is fixed.
    expect(received).toBeGreaterThan(1733);
    expect(received).toBeLessThan(1867);
    shaper.command({ type: "stop" });
    let [packets, lost, dropped] = [0, 0, 0];
    for (;;) {
      const second = await shaper.report("second").catch(() => undefined);
      if (second === undefined) break;
      for (const target of second.targets) {
        packets += target.packets;
        lost += target.lost;
        dropped += target.queueDropped + target.userDropped;
      }
    }
    expect({ packets, lost, dropped }).toEqual({ packets: 2000, lost: 2000 - received, dropped: 0 });
  });

  test("holds a TCP stream to the rate", async () => {
    await using _shaper = await startShaper({ delayMs: 2, rateBps: 20e6, queueMs: 100 });
    const receiver = traffic("b", "accept", 9001);
    await receiver.next();
    await endOf(traffic("a", "stream", addresses.b, 9001, 2).child);
    const { bytes, seconds } = await receiver.next();
    expect((bytes * 8) / seconds / 20e6).toBeGreaterThan(0.8);
    expect((bytes * 8) / seconds / 20e6).toBeLessThan(1.05);
  });

  test("changes shapes while it runs, refuses what makes no sense, and lets packets pass once it is killed", async () => {
    await using shaper = await startShaper({ delayMs: 0 });
    const changes = [{ target: "b", source: addresses.a, shape: { delay_ms: 0, down: true } }];
    shaper.command({ type: "set", id: "cut", changes: [{ ...changes[0], target: "c" }] });
    expect((await shaper.report("refused")).reason).toContain("There is no target c.");
    shaper.command({ type: "set", id: "cut", changes });
    expect((await shaper.report("changed")).id).toBe("cut");
    expect(await sendPackets(20, 100)).toEqual([]);
    shaper.child.kill("SIGKILL");
    await endOf(shaper.child);
    expect(await sendPackets(20, 100)).toHaveLength(20);
  });

  test("a second shaper is told that the queue is taken", async () => {
    await using _shaper = await startShaper({ delayMs: 0 });
    await expect(startShaper({ delayMs: 0 })).rejects.toThrow("has ended");
  });

  test("rules are found and removed, once", async () => {
    expect(await removeRules(pathOf("b"), run)).toBe(true);
    expect(await removeRules(pathOf("b"), run)).toBe(false);
    expect((await run(findCommand(pathOf("b")))).exitCode).not.toBe(0);
  });
});
