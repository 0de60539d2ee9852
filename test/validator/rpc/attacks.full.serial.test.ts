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
const windows = 5;

interface Attack extends AsyncDisposable {
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

/** Commits of a node, most memory of some, and the longest that a new client of theirs waited. */
async function watch(calm: Running, watched: readonly Running[]) {
  let longestMs = 0;
  let mostBytes = 0;
  const startMs = performance.now();
  const startHeight = await heightOf(calm);
  while (performance.now() - startMs < windowMs) {
    for (const node of watched) {
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
  const commits = (await heightOf(calm)) - startHeight;
  return { commitsPerSecond: (1_000 * commits) / (performance.now() - startMs), longestMs, mostBytes };
}

/** Of an odd number of values. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

test.each(["unread blocks", "large invalid bodies", "small invalid bodies"])(
  "%s to f + 1 validators cost no memory, no other client's RPC and no commits",
  async (name) => {
    await using committee = await openProcesses(4, { blockSizeBytes: 3 * 2 ** 20 });
    const { nodes, height } = await startWithLargeBlock(committee);
    const attacked = nodes.slice(0, 2);
    const calm = nodes[3] as Running;
    // In alternation, on the same machine at the same hour.
    const before: Awaited<ReturnType<typeof watch>>[] = [];
    const during: typeof before = [];
    for (let i = 0; i < windows; i++) {
      before.push(await watch(calm, attacked));
      await using attack = startAttack(name, attacked, height);
      await delay(1_000);
      during.push(await watch(calm, attacked));
      expect(attack.isGoingOn()).toBe(true);
    }
    expect(Math.max(...during.map(({ mostBytes }) => mostBytes))).toBeLessThan(600 * 2 ** 20);
    expect(medianOf(during.map(({ longestMs }) => longestMs))).toBeLessThan(1_000);
    const rates = (each: typeof before) => each.map(({ commitsPerSecond }) => commitsPerSecond);
    // What else the machine does takes commits away and adds none, the more where two validators are busy.
    const best = Math.max(...rates(during));
    expect(best, JSON.stringify({ before, during })).toBeGreaterThan(0.9 * medianOf(rates(before)));
  },
);
