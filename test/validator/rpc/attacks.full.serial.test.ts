/** Hostile clients of real validators: memory, the RPC for others, and the commits of the committee. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { delay, until } from "../../../src/core/async.ts";
import { call, heightOf, openProcesses, type Running, reach } from "../processes.ts";

const attackMain = fileURLToPath(new URL("attack-main.ts", import.meta.url));
const windowMs = 5_000;
/** f + 1 of four. */
const attackedNodes = 2;
/** Pairs of windows, undisturbed and attacked, that count, and how many are tried. */
const wantedPairs = 3;
const mostPairs = 10;
/** A pair counts where programs that are no part of it took less of all cores. */
const mostForeignRatio = 0.1;

interface Attack extends AsyncDisposable {
  readonly pids: readonly number[];
  readonly isGoingOn: () => boolean;
}

/**
 * Makes hostile clients of these nodes, until the end of its scope. They get the time that nobody else wants: it is the
 * validators' work that they are to cost, not the machine's.
 */
function startAttack(name: string, nodes: readonly Running[], height: number): Attack {
  const children = nodes.map(({ home }): ChildProcess => {
    const args = [attackMain, name, String(home.config.rpc.port), String(height)];
    return spawn("chrt", ["--idle", "0", process.execPath, ...args], { stdio: "inherit" });
  });
  const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;
  return {
    pids: children.flatMap(({ pid }) => pid ?? []),
    isGoingOn: () => children.every(isRunning),
    [Symbol.asyncDispose]: async () => {
      const ended = children.filter(isRunning).map((child) => once(child, "exit"));
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(ended);
    },
  };
}

/** Starts a committee whose first block with transactions holds nearly 3 MB. */
async function startWithLargeBlock(committee: Awaited<ReturnType<typeof openProcesses>>) {
  const first = committee.start(0);
  const transactions = Array.from({ length: 4 }, (_, i) => Buffer.alloc(700_000, `${i}`));
  const isUp = async () => ((await heightOf(first).catch(() => undefined)) === undefined ? undefined : true);
  await until(isUp, { timeoutMs: 30_000, everyMs: 50, describe: () => `it is not up: ${first.output()}` });
  // Alone it proposes nothing, so that all of them wait for the same block.
  for (const each of transactions) await call(first, "broadcast_tx_async", { tx: each.toString("base64") });
  const nodes = [first, ...committee.homes.slice(1).map(({ key }) => committee.start(key.authority))];
  await reach(nodes, 20);
  const hash = createHash("sha256")
    .update(transactions[0] ?? "")
    .digest("base64");
  const { height } = await call(first, "tx", { hash });
  return { nodes, height: Number(height) };
}

async function residentBytesOf({ child }: Running): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
}

/** Ticks of all cores since the machine's start: in use, and in use or not. */
async function readMachine(): Promise<{ busy: number; all: number }> {
  const [first = ""] = (await readFile("/proc/stat", "utf8")).split("\n");
  // user nice system idle iowait irq softirq steal
  const ticks = first.split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all };
}

/** Ticks that processes were on a core. */
async function readTicks(pids: readonly number[]): Promise<number> {
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8")));
  // utime and stime; the name, which may hold spaces, ends with a bracket.
  const fields = stats.map((text) => text.slice(text.lastIndexOf(")") + 2).split(" "));
  return fields.reduce((sum, each) => sum + Number(each[11]) + Number(each[12]), 0);
}

interface Watched {
  readonly commitsPerSecond: number;
  /** That a new client waited. */
  readonly longestMs: number;
  readonly mostBytes: number;
  /** Share of all cores that went to others than `nodes` and `pids`. */
  readonly foreignRatio: number;
}

/** Watches the memory and the RPC of the first nodes, and the commits of the last one, for a while. */
async function watch(nodes: readonly Running[], pids: readonly number[] = []): Promise<Watched> {
  const own = [...pids, ...nodes.flatMap(({ child }) => child.pid ?? []), process.pid];
  const calm = nodes.at(-1) as Running;
  let longestMs = 0;
  let mostBytes = 0;
  const startMs = performance.now();
  const startHeight = await heightOf(calm);
  const [startMachine, startOwn] = [await readMachine(), await readTicks(own)];
  while (performance.now() - startMs < windowMs) {
    for (const node of nodes.slice(0, attackedNodes)) {
      const askedMs = performance.now();
      const reply = await fetch(`http://127.0.0.1:${node.home.config.rpc.port}/health`, {
        headers: { connection: "close" },
        signal: AbortSignal.timeout(10_000),
      });
      await reply.arrayBuffer();
      longestMs = Math.max(longestMs, performance.now() - askedMs);
      mostBytes = Math.max(mostBytes, await residentBytesOf(node));
    }
    await delay(100);
  }
  const [machine, ownTicks] = [await readMachine(), (await readTicks(own)) - startOwn];
  const commits = (await heightOf(calm)) - startHeight;
  const foreign = machine.busy - startMachine.busy - ownTicks;
  return {
    commitsPerSecond: (1_000 * commits) / (performance.now() - startMs),
    longestMs,
    mostBytes,
    foreignRatio: foreign / (machine.all - startMachine.all),
  };
}

/** Of an odd number of values. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

test.for(["unread blocks", "large invalid bodies", "small invalid bodies"])(
  "%s to f + 1 validators cost no memory, no other client's RPC and no commits",
  async (name, { skip }) => {
    await using committee = await openProcesses(4, { blockSizeBytes: 3 * 2 ** 20 });
    const { nodes, height } = await startWithLargeBlock(committee);
    const pairs: { before: Watched; during: Watched }[] = [];
    const quiet = () =>
      pairs.filter((pair) => Object.values(pair).every((each) => each.foreignRatio < mostForeignRatio));
    while (pairs.length < mostPairs && quiet().length < wantedPairs) {
      const before = await watch(nodes);
      await using attack = startAttack(name, nodes.slice(0, attackedNodes), height);
      await delay(1_000);
      pairs.push({ before, during: await watch(nodes, attack.pids) });
      expect(attack.isGoingOn()).toBe(true);
    }
    const all = JSON.stringify(pairs);
    expect(Math.max(...pairs.map(({ during }) => during.mostBytes)), all).toBeLessThan(600 * 2 ** 20);
    skip(quiet().length < wantedPairs, `commits not judged: others took the cores, ${pairs.length} times`);
    const medianOver = (value: (pair: (typeof pairs)[number]) => number) => medianOf(quiet().map(value));
    expect(
      medianOver(({ during }) => during.longestMs),
      all,
    ).toBeLessThan(1_000);
    const kept = medianOver(({ before, during }) => during.commitsPerSecond / before.commitsPerSecond);
    expect(kept, all).toBeGreaterThan(0.9);
  },
);
