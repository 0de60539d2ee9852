import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { openMemoryChain } from "./memory-chain.ts";
import { connect, post, serve } from "./running.ts";

const newBlock = "tm.event='NewBlock'";
const subscribe = (id: unknown, query: string) => ({
  jsonrpc: "2.0",
  id,
  method: "subscribe",
  params: { query },
});

describe("WebSocket", () => {
  test("serves every method", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const client = await connect(url);
    client.send({ id: 1, method: "broadcast_tx_async", params: { tx: "b25l" } });
    expect(await client.next()).toMatchObject({ id: 1, result: { code: 0 } });
    client.send({ id: 2, method: "broadcast_tx_commit", params: { tx: "dHdv" } });
    await until(() => (chain.mempool.count === 2 ? true : undefined), {
      timeoutMs: 5000,
      everyMs: 2,
      describe: () => "the transaction did not arrive",
    });
    chain.commit();
    expect(await client.next()).toMatchObject({ id: 2, result: { height: "1" } });
    client.send({ id: 3, method: "health" });
    expect(await client.next()).toMatchObject({ id: 3, result: {} });
  });

  test.each([
    ["no JSON", "{", { error: { code: -32700 } }],
    ["a batch", [{ id: 1, method: "health" }], { error: { code: -32700 } }],
    ["an unknown method", { id: 1, method: "x" }, { id: 1, error: { code: -32601 } }],
    ["a method inherited by objects", { id: 1, method: "valueOf" }, { id: 1, error: { code: -32601 } }],
    [
      "a query that is a number",
      { id: 1, method: "subscribe", params: [5] },
      { id: 1, error: { code: -32603, data: expect.stringMatching(/^error converting json params to arg/) } },
    ],
    [
      "wrong params",
      { id: 1, method: "block", params: ["x"] },
      { id: 1, error: { code: -32603, data: expect.stringMatching(/^error converting json params to arg/) } },
    ],
    ["an unknown event", subscribe(1, "tm.event='Vote'"), { id: 1, error: { code: -32603 } }],
    ["a malformed query", subscribe(1, "tm.event NewBlock"), { id: 1, error: { code: -32603 } }],
    ["an empty query", subscribe(1, ""), { id: 1, error: { code: -32603 } }],
    [
      "a long query",
      subscribe(1, `${newBlock}${" ".repeat(600)}`),
      { id: 1, error: { data: "maximum query length exceeded" } },
    ],
    [
      "an unsubscription of nothing",
      { id: 1, method: "unsubscribe", params: [newBlock] },
      { id: 1, error: { data: "subscription not found" } },
    ],
    [
      "the same of all",
      { id: 1, method: "unsubscribe_all" },
      { id: 1, error: { data: "subscription not found" } },
    ],
  ])("answers %s and goes on", async (_, message, reported) => {
    const { url } = await serve(openMemoryChain());
    const client = await connect(url);
    client.send(message);
    expect(await client.next()).toMatchObject(reported);
    client.send({ id: 9, method: "health" });
    expect(await client.next()).toMatchObject({ id: 9 });
  });

  test("keeps subscriptions apart by topic, and ends them", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const client = await connect(url);
    const wanted = createHash("sha256").update("wanted").digest("hex");
    client.send(subscribe(1, newBlock));
    client.send(subscribe(2, " tm.event = 'NewBlock' "));
    client.send(subscribe(3, `tm.event='Tx' AND tx.hash='${wanted}'`));
    expect(await client.next()).toMatchObject({ id: 1, result: {} });
    expect(await client.next()).toMatchObject({ id: 2, error: { data: "already subscribed" } });
    expect(await client.next()).toMatchObject({ id: 3, result: {} });

    chain.commit("other", "wanted");
    expect(await client.next()).toMatchObject({ id: 1, result: { events: { "tm.event": ["NewBlock"] } } });
    expect(await client.next()).toMatchObject({
      id: 3,
      result: { data: { value: { TxResult: { index: 1 } } } },
    });

    client.send({ id: 4, method: "unsubscribe", params: { query: newBlock } });
    expect(await client.next()).toMatchObject({ id: 4, result: {} });
    chain.commit("a", "b");
    client.send({ id: 5, method: "unsubscribe_all" });
    expect(await client.next()).toMatchObject({ id: 5, result: {} });
    chain.commit("c");
    client.send({ id: 6, method: "health" });
    expect(await client.next()).toMatchObject({ id: 6 });
  });

  test("gives every subscriber the same block under its own id and query", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const clients = await Promise.all(Array.from({ length: 10 }, () => connect(url)));
    for (const [index, client] of clients.entries()) {
      client.send(subscribe(index, index % 2 ? newBlock : `tm.event  =  'NewBlock'`));
      await client.next();
    }
    chain.commit("ünicode, so that bytes and characters differ");
    const events = (await Promise.all(clients.map((client) => client.next()))) as {
      id: number;
      result: { query: string; data: object };
    }[];
    expect(events.map(({ id }) => id)).toEqual(clients.keys().toArray());
    expect(new Set(events.map(({ result }) => result.query)).size).toBe(2);
    for (const event of events) expect(event.result.data).toEqual(events[0]?.result.data);
  });

  test("limits subscriptions and subscribers", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const client = await connect(url);
    for (let i = 0; i < 6; i++) {
      client.send(subscribe(i, `tm.event='Tx' AND tx.hash='A${i}'`));
      expect(await client.next()).toMatchObject(
        i < 5 ? { result: {} } : { error: { data: "max_subscriptions_per_client 5 reached" } },
      );
    }
    for (let i = 1; i <= 100; i++) {
      const another = await connect(url);
      another.send(subscribe(1, newBlock));
      expect(await another.next()).toMatchObject(
        i < 100 ? { result: {} } : { error: { data: "max_subscription_clients 100 reached" } },
      );
    }
  });

  test("hangs up on a subscriber that does not read, and serves the others", async () => {
    const chain = openMemoryChain();
    const { url } = await serve(chain);
    const [slow, quick] = [await connect(url), await connect(url)];
    slow.send(subscribe(1, newBlock));
    quick.send(subscribe(1, newBlock));
    await slow.next();
    await quick.next();
    slow.socket.pause();
    const payload = "x".repeat(4_000_000);
    for (let height = 1; height <= 30; height++) {
      chain.commit(payload);
      expect(await quick.next()).toMatchObject({
        result: { data: { value: { block: { header: { height: String(height) } } } } },
      });
    }
    slow.socket.resume();
    await slow.closing;
  });

  test("refuses a message above the body limit, and other paths", async () => {
    const { url } = await serve(openMemoryChain());
    const client = await connect(url);
    client.send(" ".repeat(1_000_001));
    expect(await client.closing).toBe(1009);
    await expect(connect(`${url}/other`)).rejects.toThrow(/404/);
  });
});

describe("close", () => {
  test("answers what is under way, and ends every kind of connection at once", async () => {
    const chain = openMemoryChain();
    const server = await serve(chain);
    const client = await connect(server.url);
    client.send(subscribe(1, newBlock));
    await client.next();
    const waiting = post(server.url, { id: 1, method: "broadcast_tx_commit", params: ["b25l"] });
    const waitingToo = await connect(server.url);
    waitingToo.send({ id: 1, method: "broadcast_tx_commit", params: ["dHdv"] });
    await until(() => (chain.mempool.count === 2 ? true : undefined), {
      timeoutMs: 5000,
      everyMs: 2,
      describe: () => "the transactions did not arrive",
    });
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(5000);
    const stopping = { id: 1, error: { code: -32603, data: "the node is stopping" } };
    expect((await waiting).reply).toMatchObject(stopping);
    expect(await waitingToo.next()).toMatchObject(stopping);
    expect([await client.closing, await waitingToo.closing]).toEqual([1001, 1001]);
    await expect(fetch(server.url)).rejects.toThrow();
    chain.commit("nobody listens");
  });

  test("a port that is taken is told", async () => {
    const { port } = await serve(openMemoryChain());
    await expect(serve(openMemoryChain(), { port })).rejects.toMatchObject({
      code: "listen",
      message: expect.stringMatching(`Cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
    });
  });
});
