import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { observeCommits } from "../../../src/protocol/commits/observer.ts";
import { openMemoryChain } from "../../validator/rpc/memory-chain.ts";
import { serve } from "../../validator/rpc/running.ts";
import { becomes, commitMany, observe, observing, openRecord, textOf } from "../observing.ts";

test("tells the heights after the current one, in order, with fingerprint and transactions", async () => {
  const chain = openMemoryChain();
  commitMany(chain, 3);
  const { port } = await serve(chain);
  const seen = await observe(port);
  expect(seen.observer.height()).toBe(0);
  commitMany(chain, 2);
  await becomes(() => seen.heights.length === 2, "two blocks seen");
  expect(seen.heights).toEqual([4, 5]);
  expect(seen.observer.height()).toBe(5);
  expect(seen.texts).toEqual([textOf(4), textOf(5)]);
  expect(seen.fingerprints).toEqual(
    [4, 5].map((height) =>
      Buffer.from(chain.block(height)?.appHash ?? [])
        .toString("hex")
        .toUpperCase(),
    ),
  );
  expect([seen.missed, seen.lost, seen.restored, seen.failed]).toEqual([[], [], [], []]);
});

test("tells nothing after it was disposed of or aborted, and leaves no connection", async () => {
  const chain = openMemoryChain();
  const { port } = await serve(chain);
  const [disposed, aborted] = [await observe(port), await observe(port)];
  commitMany(chain, 1);
  await becomes(() => disposed.heights.length + aborted.heights.length === 2, "the block seen by both");
  await disposed.observer[Symbol.asyncDispose]();
  aborted.ending.abort();
  await aborted.observer[Symbol.asyncDispose]();
  commitMany(chain, 1);
  const another = await observe(port);
  commitMany(chain, 1);
  await becomes(() => another.heights.length === 1, "the next block seen");
  for (const one of [disposed, aborted]) {
    expect(one.heights).toEqual([1]);
    expect([one.lost, one.failed]).toEqual([[], []]);
  }
});

test("rejects at once where no node answers, none upgrades, or the signal is aborted", async () => {
  const { port, close } = await serve(openMemoryChain());
  const { listener } = openRecord();
  await expect(
    observeCommits({ host: "127.0.0.1", port }, listener, {
      ...observing,
      signal: AbortSignal.abort(new Error("stop")),
    }),
  ).rejects.toThrow("stop");
  await close();
  await expect(observe(port)).rejects.toMatchObject({
    code: "subscription",
    message: expect.stringMatching(/No subscription to the blocks of 127\.0\.0\.1:\d+: .*ECONNREFUSED/),
  });
});

test("rejects where the node accepts connections and says nothing, and at once when aborted then", async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  const connections: Socket[] = [];
  server.on("connection", (socket) => connections.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const rpc = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  await expect(observe(rpc.port, { openTimeoutMs: 200 })).rejects.toThrow(/handshake has timed out/);
  const ending = new AbortController();
  const before = connections.length;
  const rejected = expect(
    observeCommits(rpc, openRecord().listener, { ...observing, signal: ending.signal }),
  ).rejects.toThrow(/closed before the connection/);
  await becomes(() => connections.length > before, "another connection");
  ending.abort();
  await rejected;
  for (const socket of connections) socket.destroy();
});

test("rejects where the subscription is refused or never confirmed", async () => {
  for (const [behaviour, reason] of [
    ["refuse", "max_subscription_clients 100 reached"],
    ["keep silent", "did not confirm"],
    ["talk nonsense", "not JSON"],
  ] as const) {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    onTestFinished(() => server.close());
    server.on("connection", (socket) => {
      if (behaviour === "talk nonsense") socket.send("<html>");
      socket.on("message", () => {
        const error = {
          code: -32603,
          message: "Internal error",
          data: "max_subscription_clients 100 reached",
        };
        if (behaviour === "refuse") socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, error }));
      });
    });
    await new Promise((resolve) => server.on("listening", resolve));
    const { port } = server.address() as { port: number };
    const openTimeoutMs = behaviour === "keep silent" ? 200 : observing.timing.openTimeoutMs;
    await expect(observe(port, { openTimeoutMs })).rejects.toThrow(reason);
  }
});
