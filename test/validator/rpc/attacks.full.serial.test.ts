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
const watchedMs = 10_000;

/** Makes hostile clients of these nodes, until the end of its scope. */
function startAttack(name: string, nodes: readonly Running[], height: number): AsyncDisposable {
  const children = nodes.map(({ home }): ChildProcess => {
    const args = [attackMain, name, String(home.config.rpc.port), String(height)];
    return spawn(process.execPath, args, { stdio: "inherit" });
  });
  return {
    [Symbol.asyncDispose]: async () => {
      const ended = children.map((child) => once(child, "exit"));
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

/** Commits of a node, most memory of some, and the longest that a new client waited for each of some methods. */
async function watch(calm: Running, watched: readonly Running[], height: number) {
  const longestMs = { health: 0, block: 0 };
  let mostBytes = 0;
  const startMs = performance.now();
  const startHeight = await heightOf(calm);
  while (performance.now() - startMs < watchedMs) {
    for (const node of watched) {
      for (const method of ["health", "block"] as const) {
        const askedMs = performance.now();
        const { port } = node.home.config.rpc;
        const reply = await fetch(`http://127.0.0.1:${port}/${method}?height=${height}`, {
          headers: { connection: "close" },
          signal: AbortSignal.timeout(10_000),
        });
        await reply.arrayBuffer();
        longestMs[method] = Math.max(longestMs[method], performance.now() - askedMs);
      }
      mostBytes = Math.max(mostBytes, await residentBytesOf(node));
    }
    await delay(100);
  }
  const commits = (await heightOf(calm)) - startHeight;
  return { commitsPerSecond: (1_000 * commits) / (performance.now() - startMs), longestMs, mostBytes };
}

test.each(["unread blocks", "large invalid bodies", "small invalid bodies"])(
  "%s to f + 1 validators cost no memory, no other client's RPC and no commits",
  async (name) => {
    await using committee = await openProcesses(4, { blockSizeBytes: 3 * 2 ** 20 });
    const { nodes, height } = await startWithLargeBlock(committee);
    const attacked = nodes.slice(0, 2);
    const calm = nodes[3] as Running;
    const before = await watch(calm, attacked, height);
    await using _attack = startAttack(name, attacked, height);
    await delay(1_000);
    const during = await watch(calm, attacked, height);
    expect(during.mostBytes).toBeLessThan(600 * 2 ** 20);
    expect(during.longestMs.health).toBeLessThan(1_000);
    expect(during.commitsPerSecond).toBeGreaterThan(0.9 * before.commitsPerSecond);
  },
);
