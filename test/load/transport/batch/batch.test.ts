import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../../src/core/clock.ts";
import { openTransport } from "../../../../src/load/transport/open-transport.ts";
import { mysticeti } from "../../../../src/protocol/mysticeti.ts";
import { type DriveOptions, drive, requestFor, withoutTemplate } from "../drive.ts";
import { accepted, refused } from "../replies.ts";
import { type BatchRequest, startBatchServer } from "./server.ts";

const driveBatches = (options: Omit<DriveOptions, "kind">) =>
  drive({ kind: "http-batch", batchSize: 10, ...options });

afterEach(() => {
  vi.useRealTimers();
});

const acceptAll = ({ bodies, reply }: BatchRequest) =>
  reply(`[${bodies.map(({ id }) => accepted(id)).join(",")}]`);

test.each([
  ["patched in place", {}],
  ["made anew", { submission: withoutTemplate(mysticeti.submission) }],
  ["several requests on a connection", { inFlightPerConnection: 7, connections: 2 }],
])("every transaction arrives unchanged, and once, %s", async (_, options) => {
  const texts: string[] = [];
  await using server = await startBatchServer((request) => {
    texts.push(request.text);
    acceptAll(request);
  });
  const { counts, strays } = await driveBatches({ port: server.port, count: 333, ...options });
  expect(counts).toEqual({ acknowledged: 333 });
  expect(strays).toEqual({});
  expect(Math.max(...server.sizes)).toBe(10);
  const bodies = texts.flatMap((text) => text.slice(1, -1).split(/(?<=\}\}),/));
  const wanted = Array.from({ length: 333 }, (_, sequence) => {
    const transaction = mysticeti.transactions.encode({ run: 7, client: 1, sequence }, 64, 3);
    return mysticeti.submission.body(transaction, sequence);
  });
  expect(bodies.sort()).toEqual(wanted.sort());
});

test("nothing waits for a batch to fill, and requests of any size follow one another on a connection", async () => {
  await using server = await startBatchServer(acceptAll);
  const ended: number[] = [];
  const transport = openTransport(
    requestFor({ kind: "http-batch", batchSize: 8, port: server.port, connections: 1 }, (sequence) =>
      ended.push(sequence),
    ),
  );
  await transport.prepare(new AbortController().signal);
  const sizes = [3, 8, 1, 7, 2, 8, 8, 1, 5];
  let sequence = 0;
  for (const size of sizes) {
    for (let count = 0; count < size; count++) transport.send(sequence++);
    transport.turn(systemClock.monotonicMs());
    await expect.poll(() => ended.length).toBe(sequence);
  }
  transport.close();
  expect(server.sizes).toEqual(sizes);
  expect(server.sockets.size).toBe(1);
});

test("replies in any order, each with its own answer", async () => {
  await using server = await startBatchServer(({ bodies, reply }) => {
    const replies = bodies.map(({ id }) => (id % 3 === 0 ? refused(id) : accepted(id)));
    reply(` [${replies.reverse().join(" , ")}]\n`);
  });
  const { ends } = await driveBatches({ port: server.port, count: 100 });
  for (const [sequence, how] of ends) {
    const isRefused = (1e14 + sequence) % 3 === 0;
    expect(how).toBe(isRefused ? "rejected: error -32603: mempool is full" : "acknowledged");
  }
});

test("a batch of one may be answered without a list, as CometBFT does", async () => {
  await using server = await startBatchServer(({ bodies, reply }) => reply(accepted(bodies[0]?.id)));
  const { counts } = await driveBatches({ port: server.port, count: 5, batchSize: 1 });
  expect(counts).toEqual({ acknowledged: 5 });
});

describe("a reply that leaves something out, or has too much", () => {
  const texts = (bodies: BatchRequest["bodies"]) => bodies.map(({ id }) => accepted(id));
  test.each([
    [
      "one missing",
      (all: string[]) => all.slice(1),
      { acknowledged: 9, "broken: BATCH_REPLY_MISSING": 1 },
      0,
    ],
    ["none at all", () => [], { "broken: BATCH_REPLY_MISSING": 10 }, 0],
    [
      "an unknown id",
      (all: string[]) => [...all.slice(1), accepted(5)],
      { acknowledged: 9, "broken: BATCH_REPLY_MISSING": 1 },
      1,
    ],
    [
      "a doubled id",
      (all: string[]) => [...all.slice(1), all[1] ?? ""],
      { acknowledged: 9, "broken: BATCH_REPLY_MISSING": 1 },
      1,
    ],
    ["one more", (all: string[]) => [...all, accepted(5)], { acknowledged: 10 }, 1],
    [
      "a refusal without an id",
      (all: string[]) => [...all.slice(1), '{"error":{"code":-32700,"message":"Parse error"}}'],
      { acknowledged: 9, "rejected: error -32700: Parse error": 1 },
      0,
    ],
    [
      "a number instead",
      (all: string[]) => [...all.slice(1), "7"],
      { acknowledged: 9, "rejected: reply is not an object: 7": 1 },
      0,
    ],
  ])("%s", async (_, change, counts, strays) => {
    await using server = await startBatchServer(({ bodies, reply }) =>
      reply(`[${change(texts(bodies)).join(",")}]`),
    );
    const driven = await driveBatches({ port: server.port, count: 10, connections: 1 });
    expect(driven.counts).toEqual(counts);
    expect(driven.strays).toEqual(strays === 0 ? {} : { "reply to no request": strays });
  });
});

describe("one answer to all rejects all, with its reason", () => {
  const tooMany =
    '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request","data":"batch request exceeds maximum (10) allowed number of requests"}}';
  test.each([
    [
      tooMany,
      200,
      "error -32600: batch request exceeds maximum (10) allowed number of requests; give a smaller --batch-size",
    ],
    ["slow down", 429, "HTTP 429: slow down"],
    ["<html>", 200, "reply is not JSON: <html>"],
    ["", 200, "reply is not JSON: "],
    ["7", 200, "reply is not an object: 7"],
  ])("%s", async (body, status, reason) => {
    await using server = await startBatchServer(({ reply }) => reply(body, status));
    const { counts } = await driveBatches({ port: server.port, count: 20, connections: 1 });
    expect(counts).toEqual({ [`rejected: ${reason}`]: 20 });
  });
});

test("a batch is no longer than the body that nodes take, and says so", async () => {
  await using server = await startBatchServer(acceptAll);
  const options = { transactionSizeBytes: 200_000, connections: 1, count: 9 };
  const { counts, notes } = await driveBatches({ port: server.port, ...options });
  expect(counts).toEqual({ acknowledged: 9 });
  expect(Math.max(...server.sizes)).toBe(3);
  expect(notes).toEqual([
    "A request contains 3 transactions of 200000 bytes, not 10: nodes accept bodies of up to 1000000 bytes.",
  ]);
});

test("a connection that the server closes after a reply is made anew", async () => {
  await using server = await startBatchServer(({ bodies, socket }) => {
    const body = `[${bodies.map(({ id }) => accepted(id)).join(",")}]`;
    socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  });
  const { counts } = await driveBatches({ port: server.port, count: 50, connections: 2 });
  expect(counts).toEqual({ acknowledged: 50 });
  expect(server.sockets.size).toBeGreaterThanOrEqual(5);
});

test("a node that goes silent times out what it owes, and its connections are made anew", async () => {
  await using server = await startBatchServer((request) => {
    if (request.index !== 1) acceptAll(request);
  });
  const options = { connections: 1, requestTimeoutMs: 500, count: 50 };
  const { counts } = await driveBatches({ port: server.port, ...options });
  expect(counts).toEqual({ acknowledged: 40, "timed out": 10 });
  expect(server.sockets.size).toBe(2);
});

test("a node that answers one request of a connection at a time gets no more, and a person is told", async () => {
  const server = createServer((socket) => {
    let rest = "";
    socket.on("error", () => {});
    socket.on("data", (read) => {
      rest += read;
      const length = Number(/content-length: (\d+)/.exec(rest)?.[1] ?? 0);
      const start = rest.indexOf("\r\n\r\n") + 4;
      if (start < 4 || rest.length < start + length) return;
      const text = rest.slice(start, start + length);
      const ids = length === 0 ? [] : (JSON.parse(text) as { id: number }[]).map(({ id }) => accepted(id));
      const body = `[${ids.join(",")}]`;
      // What comes behind it is not looked at.
      socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const options = { port, connections: 2, connectionsOfOne: 8, inFlightPerConnection: 4, count: 30 };
  const { counts, notes, mostUnderWay } = await driveBatches({ ...options, batchSize: 1 });
  expect(mostUnderWay).toBe(8);
  expect(counts).toEqual({ acknowledged: 30 });
  expect(notes).toEqual([
    `The node at 127.0.0.1:${port} does not reply to several requests on one connection; each connection has one request in flight.`,
  ]);
  server.close();
});

describe("a connection that was opened ahead", () => {
  test("is closed where nothing is sent on it for five seconds, before a server gives it up", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await using server = await startBatchServer(acceptAll);
    const open = () => [...server.sockets].filter(({ destroyed }) => !destroyed).length;
    const options = { kind: "http-batch", port: server.port, connections: 3 } as const;
    const transport = openTransport(requestFor(options, () => {}));
    await transport.prepare(new AbortController().signal);
    await expect.poll(open).toBe(3);
    transport.send(0);
    transport.turn(systemClock.monotonicMs());
    await expect.poll(() => transport.underWay).toBe(0);
    vi.advanceTimersByTime(5000);
    await expect.poll(open).toBe(1);
    transport.close();
  });

  test.each([
    [1000, "broken: CLOSED_IDLE"],
    [999, "rejected: HTTP 408: "],
  ])("and idle for %i ms takes a 408 for itself, not for the requests", async (idleMs, ending) => {
    await using server = await startBatchServer(({ socket }) =>
      socket.end("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
    );
    let nowMs = 1000;
    const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
    const ends: string[] = [];
    const options = { kind: "http-batch", port: server.port, connections: 1, clock } as const;
    const transport = openTransport(requestFor(options, (_, how) => ends.push(how)));
    await transport.prepare(new AbortController().signal);
    nowMs += idleMs;
    transport.send(0);
    transport.turn(nowMs);
    await expect.poll(() => ends).toEqual([ending]);
    transport.close();
  });
});

test("a request that is not full takes up the place of a full one: what comes then waits outside", async () => {
  const held: BatchRequest[] = [];
  await using server = await startBatchServer((request) => void held.push(request));
  const transport = openTransport(
    requestFor({ kind: "http-batch", batchSize: 4, port: server.port, connections: 2 }, () => {}),
  );
  await transport.prepare(new AbortController().signal);
  expect(transport.capacity).toBe(8);
  transport.send(0);
  transport.turn(systemClock.monotonicMs());
  expect(transport).toMatchObject({ underWay: 1, capacity: 5 });
  for (const sequence of [1, 2, 3]) transport.send(sequence);
  expect(transport).toMatchObject({ underWay: 4, capacity: 5 });
  transport.turn(systemClock.monotonicMs());
  expect(transport).toMatchObject({ underWay: 4, capacity: 4 });
  await expect.poll(() => held.length).toBe(2);
  for (const request of held) acceptAll(request);
  await expect.poll(() => transport.underWay).toBe(0);
  expect(transport.capacity).toBe(8);
  transport.close();
});
