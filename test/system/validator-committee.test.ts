import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { delay, until } from "../../src/core/async.ts";
import type { HomeFiles } from "../validator/homes.ts";
import { call, heightOf, openProcesses, type Running, reach } from "../validator/processes.ts";

interface BlockReply {
  readonly block: {
    readonly header: { readonly app_hash: string };
    readonly data: { readonly txs: string[] };
  };
}

/** App hash and transactions of every height up to one, as a node tells them. */
async function historyOf(node: Running, height: number): Promise<{ appHashes: string[]; texts: string[] }> {
  const appHashes: string[] = [];
  const texts: string[] = [];
  for (let at = 1; at <= height; at++) {
    const { block } = (await call(node, "block", { height: String(at) })) as unknown as BlockReply;
    appHashes.push(block.header.app_hash);
    for (const each of block.data.txs ?? []) texts.push(Buffer.from(each, "base64").toString());
  }
  return { appHashes, texts };
}

/** Submits transactions round-robin at a steady pace until it is stopped; gives those that were acknowledged. */
function startLoad(nodes: () => readonly Running[]) {
  const acknowledged: string[] = [];
  const stopping = new AbortController();
  const running = (async () => {
    for (let i = 0; !stopping.signal.aborted; i++) {
      const targets = nodes();
      const target = targets[i % targets.length];
      const tx = Buffer.from(`load ${i}`).toString("base64");
      if (target !== undefined) {
        await call(target, "broadcast_tx_sync", { tx }).then(
          () => acknowledged.push(`load ${i}`),
          () => undefined,
        );
      }
      await delay(5);
    }
  })();
  return async () => {
    stopping.abort();
    await running;
    return acknowledged;
  };
}

describe("a committee of four validator processes", () => {
  test("agrees while transactions flow, goes on when one is killed, and takes it back with its history", async () => {
    await using committee = await openProcesses(4);
    const all = [0, 1, 2, 3].map((authority) => committee.start(authority));
    const [, , , victim] = all;
    const survivors = all.slice(0, 3);
    if (victim === undefined) throw new Error("no victim");
    await reach(all, 5);
    // Only to those that live on: what a killed node acknowledged may be lost with it.
    const stopLoad = startLoad(() => survivors);
    await reach(all, 40);
    const before = await historyOf(victim, 30);

    victim.child.kill("SIGKILL");
    await once(victim.child, "exit");
    const height = await heightOf(survivors[0] as Running);
    await reach(survivors, height + 40);

    const back = committee.start(3);
    const rejoinedAt = await heightOf(survivors[0] as Running);
    const nodes = [...survivors, back];
    await reach(nodes, rejoinedAt + 20);
    const acknowledged = await stopLoad();
    expect(acknowledged.length).toBeGreaterThan(100);

    const texts = async (node: Running) => (await historyOf(node, await heightOf(node))).texts;
    await until(
      async () => {
        const seen = new Set(await texts(survivors[0] as Running));
        return acknowledged.every((each) => seen.has(each)) ? true : undefined;
      },
      {
        timeoutMs: 10_000,
        everyMs: 200,
        describe: () => "acknowledged transactions were not committed in 10 s",
      },
    );
    const common = Math.min(...(await Promise.all(nodes.map(heightOf))));
    const histories = await Promise.all(nodes.map((node) => historyOf(node, common)));
    for (const history of histories) {
      expect(history).toEqual(histories[0]);
      expect(new Set(history.texts).size).toBe(history.texts.length);
    }
    expect(histories[3]?.appHashes.slice(0, 30)).toEqual(before.appHashes);
  });

  test("all stop within two seconds when told to, with exit code 0, and go on where they stopped", async () => {
    await using committee = await openProcesses(4);
    const all = [0, 1, 2, 3].map((authority) => committee.start(authority));
    await reach(all, 20);
    const signals = ["SIGTERM", "SIGINT", "SIGTERM", "SIGINT"] as const;
    const asked = performance.now();
    const exits = all.map(({ child }) => once(child, "exit"));
    all.forEach(({ child }, i) => {
      child.kill(signals[i]);
    });
    expect(await Promise.all(exits)).toEqual(signals.map(() => [0, null]));
    expect(performance.now() - asked).toBeLessThan(2_000);
    const again = [0, 1, 2, 3].map((authority) => committee.start(authority));
    await reach(again, 40);
    for (const { output } of again) {
      expect(output()).toMatch(/"level":"info","message":"recovered from the log"/);
      for (const line of output().trim().split("\n")) {
        expect(Object.keys(JSON.parse(line) as object).slice(0, 3)).toEqual(["t", "level", "message"]);
      }
      expect(output().split("\n").length).toBeLessThan(30);
    }
  });
});

describe("a validator process", () => {
  test("ends with its parent where asked to: when its standard input closes", async () => {
    await using committee = await openProcesses(1);
    const node = committee.start(0, ["--exit-with-parent"]);
    await reach([node], 3);
    const exit = once(node.child, "exit");
    node.child.stdin?.end();
    expect(await exit).toEqual([0, null]);
  });

  test("alone in its committee and without a delay goes on, answers, and stops when told to", async () => {
    await using committee = await openProcesses(1, { minRoundDelayMs: 0, leadersPerRound: 1 });
    const node = committee.start(0);
    await reach([node], 100);
    expect(await call(node, "health")).toEqual({});
    const exit = once(node.child, "exit");
    node.child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  });

  test("says in one line which port is taken, and ends with 1", async () => {
    await using committee = await openProcesses(1);
    const { config } = committee.homes[0] as HomeFiles;
    for (const { host, port } of [config.peer, config.rpc, config.metrics]) {
      const holder = createServer();
      holder.listen(port, host);
      await once(holder, "listening");
      const node = committee.start(0);
      expect(await once(node.child, "close")).toEqual([1, null]);
      const lines = node
        .output()
        .split("\n")
        .filter((line) => line.startsWith("validator:"));
      expect(lines.length).toBe(1);
      expect(lines[0]).toContain(`${host}:${port}`);
      await new Promise((resolve) => holder.close(resolve));
    }
  });
});
