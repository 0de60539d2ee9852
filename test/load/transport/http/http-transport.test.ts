import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { broadcastTxAsync } from "../../../../src/protocol/rpc/json-rpc.ts";
import { startNodes } from "../../setting.ts";
import { counts, drive, type OpenWay, openWay, type Way } from "./driving.ts";
import { type Deed, startScripted } from "./scripted-server.ts";

const quick = { replyDelayMs: 0, commit: { kind: "after", ms: 0 } } as const;
const at = (port: number) => ({ host: "127.0.0.1", port });
const proper: Deed = { kind: "answer", form: "plain", cuts: [] };

afterEach(() => {
  vi.useRealTimers();
});

/** A clock that stands still, and a way on it. */
function openHeld(options: Way) {
  let nowMs = 1000;
  const way = openWay({ ...options, clock: { monotonicMs: () => nowMs, wallMs: () => nowMs } });
  const turnUntil = async (isSo: (way: OpenWay) => boolean) => {
    while (!isSo(way)) {
      way.transport.turn(nowMs);
      await nextTurn();
    }
  };
  return { ...way, turnUntil, pass: (ms: number) => (nowMs += ms), [Symbol.dispose]: way[Symbol.dispose] };
}

describe("every way of sending acknowledges and rejects the same", () => {
  const { template: _, isUsualAcceptance: __, ...plain } = broadcastTxAsync;
  const large = { transactionSizeBytes: 400_000 };
  test.each<[string, Partial<Way>]>([
    ["one after the other", { connections: 1 }],
    ["on several connections", { connections: 8 }],
    ["several on one connection", { connections: 1, inFlightPerConnection: 16 }],
    ["of the least size", { connections: 3, inFlightPerConnection: 5, transactionSizeBytes: 18 }],
    ["larger than a slab", { connections: 2, inFlightPerConnection: 4, ...large }],
    ["made one by one", { connections: 8, submission: plain }],
    ["several made one by one", { connections: 2, inFlightPerConnection: 4, submission: plain }],
  ])("%s", async (_, options) => {
    await using nodes = await startNodes([{ ...quick, replyDelayMs: 5, rejectEvery: 10 }]);
    const rpc = nodes.targets[0]?.rpc;
    if (rpc === undefined) throw new Error("no node");
    const { connections = 1, inFlightPerConnection = 1 } = options;
    const { endings, notes, mostUnderWay } = await drive({ rpc, count: 200, ...options });
    expect(counts(endings)).toEqual({ acknowledged: 180, "rejected: code 7: refused by the script": 20 });
    expect(endings.every((ending, i) => (ending === "acknowledged") === (i % 10 !== 1))).toBe(true);
    expect(mostUnderWay).toBe(connections * inFlightPerConnection);
    expect(notes).toEqual([]);
    expect(await nodes.nodes[0]?.connections()).toBeLessThanOrEqual(connections);
  });
});

test("several requests go out on one connection only where all are busy", async () => {
  const never = new Promise(() => {});
  await using server = await startScripted(() => ({ kind: "wait", until: never }));
  using way = openHeld({ rpc: at(server.port), connections: 3, inFlightPerConnection: 2 });
  for (let i = 0; i < 4; i++) way.transport.send(i);
  await way.turnUntil(() => server.received.length === 3);
  // The fourth waits behind one of the others, unread.
  expect(server.received.length).toBe(3);
  expect(server.connections()).toBe(3);
  expect(way.transport.underWay).toBe(4);
});

test("an abort does not wait for connections that do not come about", async () => {
  // It takes connections, and says nothing to the TLS handshake.
  const silent = createTcpServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  using way = openWay({ rpc: { ...at(port), tls: {} }, requestTimeoutMs: 200_000 });
  const ending = new AbortController();
  const prepared = way.transport.prepare(ending.signal);
  await once(silent, "connection");
  ending.abort();
  expect(await prepared).toEqual([]);
  way.transport.close();
  silent.close();
});

test("a node that is not there is told as such", async () => {
  await using server = await startScripted(() => proper);
  const { port } = server;
  await server[Symbol.asyncDispose]();
  const { endings } = await drive({ rpc: at(port), count: 5, inFlightPerConnection: 3 });
  expect(counts(endings)).toEqual({ "unreachable: ECONNREFUSED": 5 });
});

test("connections that fail while others stand cost no transaction", async () => {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using server = await startScripted(() => ({ kind: "wait", until }));
  using way = openHeld({ rpc: at(server.port), connections: 4, inFlightPerConnection: 8 });
  way.transport.send(0);
  await way.turnUntil(() => server.received.length === 1);
  server.refuse();
  for (let i = 1; i < 8; i++) way.transport.send(i);
  await way.turnUntil(() => server.received.length === 1 && way.transport.underWay === 8);
  release();
  await way.turnUntil(({ ended }) => ended() === 8);
  expect(counts(way.endings)).toEqual({ acknowledged: 8 });
  expect(server.connections()).toBe(1);
});

test("a connection that fails while the others have no place costs what was to go there", async () => {
  const never = new Promise(() => {});
  await using server = await startScripted(() => ({ kind: "wait", until: never }));
  using way = openHeld({ rpc: at(server.port), connections: 4 });
  way.transport.send(0);
  await way.turnUntil(() => server.received.length === 1);
  server.refuse();
  for (const sequence of [1, 2]) way.transport.send(sequence);
  await way.turnUntil(({ ended }) => ended() === 2);
  expect(way.endings.slice(1)).toEqual(Array(2).fill("unreachable: ECONNREFUSED"));
  expect(way.transport.underWay).toBe(1);
});

describe("a late reply", () => {
  test("is read over, and the ones behind it count", async () => {
    let release = () => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using server = await startScripted((sequence) =>
      sequence === 0 ? { kind: "wait", until } : proper,
    );
    using way = openHeld({
      rpc: at(server.port),
      connections: 1,
      inFlightPerConnection: 4,
      requestTimeoutMs: 5000,
    });
    way.transport.send(0);
    await way.turnUntil(() => server.received.length === 1);
    way.pass(3000);
    way.transport.send(1);
    way.transport.turn(4000);
    way.pass(1999);
    await way.turnUntil(() => true);
    expect(way.endings).toEqual([]);
    way.pass(1);
    await way.turnUntil(({ ended }) => ended() === 1);
    expect(way.endings).toEqual(["timed out"]);
    // The connection gets nothing new until it answers: one place is taken, three are not to be had.
    expect(way.transport).toMatchObject({ underWay: 1, capacity: 1 });
    release();
    await way.turnUntil(({ ended }) => ended() === 2);
    expect(way.endings).toEqual(["timed out", "acknowledged"]);
    expect(way.transport).toMatchObject({ underWay: 0, capacity: 4 });
    expect(server.connections()).toBe(1);
  });

  test("is not waited for where nobody waits for anything on its connection", async () => {
    const never = new Promise(() => {});
    await using server = await startScripted((sequence) =>
      sequence === 0 ? { kind: "wait", until: never } : proper,
    );
    using way = openHeld({
      rpc: at(server.port),
      connections: 1,
      inFlightPerConnection: 4,
      requestTimeoutMs: 5000,
    });
    way.transport.send(0);
    way.transport.send(1);
    await way.turnUntil(() => server.received.length === 1);
    way.pass(5000);
    await way.turnUntil(({ ended }) => ended() === 2);
    expect(way.endings).toEqual(["timed out", "timed out"]);
    way.transport.send(2);
    await way.turnUntil(({ ended }) => ended() === 3);
    expect(way.endings[2]).toBe("acknowledged");
    expect(server.connections()).toBe(2);
  });
});

describe("an idle connection", () => {
  test("is not used past the time that the server keeps it", async () => {
    await using server = await startScripted(() => ({ kind: "answer", form: "short-lived", cuts: [] }));
    using way = openHeld({ rpc: at(server.port), connections: 1 });
    const send = async (sequence: number) => {
      way.transport.send(sequence);
      await way.turnUntil(({ ended }) => ended() === sequence + 1);
    };
    await send(0);
    way.pass(3999);
    await send(1);
    expect(server.connections()).toBe(1);
    way.pass(4000);
    await send(2);
    expect(server.connections()).toBe(2);
    expect(counts(way.endings)).toEqual({ acknowledged: 3 });
  });

  test.each([
    [1000, "broken: CLOSED_IDLE"],
    [999, "broken: CLOSED"],
  ])("that was so for %i ms and is closed as a request goes out fails by %s", async (idleMs, ending) => {
    await using server = await startScripted((sequence) => (sequence === 1 ? { kind: "close" } : proper));
    using way = openHeld({ rpc: at(server.port), connections: 1 });
    way.transport.send(0);
    await way.turnUntil(({ ended }) => ended() === 1);
    way.pass(idleMs);
    way.transport.send(1);
    await way.turnUntil(({ ended }) => ended() === 2);
    way.transport.send(2);
    await way.turnUntil(({ ended }) => ended() === 3);
    expect(way.endings).toEqual(["acknowledged", ending, "acknowledged"]);
    expect(server.received).toEqual([0, 1, 2]);
  });
});

describe("a connection that was opened ahead", () => {
  test("is closed where nothing is sent on it for five seconds, before a server gives it up", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await using server = await startScripted(() => proper);
    using way = openHeld({ rpc: at(server.port), connections: 3 });
    await way.transport.prepare(new AbortController().signal);
    await expect.poll(() => server.open()).toBe(3);
    way.transport.send(0);
    await way.turnUntil(({ ended }) => ended() === 1);
    vi.advanceTimersByTime(5000);
    await expect.poll(() => server.open()).toBe(1);
    expect(way.endings).toEqual(["acknowledged"]);
    for (const sequence of [1, 2, 3]) way.transport.send(sequence);
    await way.turnUntil(({ ended }) => ended() === 4);
    expect(counts(way.endings)).toEqual({ acknowledged: 4 });
  });

  test.each([
    [1000, "broken: CLOSED_IDLE"],
    [999, "rejected: HTTP 408: "],
  ])("and idle for %i ms takes a 408 for itself, not for the request", async (idleMs, ending) => {
    await using server = await startScripted((sequence) => (sequence === 0 ? { kind: "too-late" } : proper));
    using way = openHeld({ rpc: at(server.port), connections: 1 });
    await way.transport.prepare(new AbortController().signal);
    way.pass(idleMs);
    way.transport.send(0);
    await way.turnUntil(({ ended }) => ended() === 1);
    way.transport.send(1);
    await way.turnUntil(({ ended }) => ended() === 2);
    expect(way.endings).toEqual([ending, "acknowledged"]);
  });
});

describe("a node that takes one request of a connection", () => {
  async function serveOne() {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const id = text === "" ? 0 : (JSON.parse(text) as { id: number }).id;
      response.end(`{"jsonrpc":"2.0","id":${id},"result":{"code":0}}`);
    });
    server.maxRequestsPerSocket = 1;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      port: (server.address() as AddressInfo).port,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  test("is found out beforehand", async () => {
    await using server = await serveOne();
    const options = { connections: 3, connectionsOfOne: 20, inFlightPerConnection: 8 };
    const { endings, notes, mostUnderWay } = await drive({ rpc: at(server.port), count: 30, ...options });
    expect(notes).toEqual([
      `The node at 127.0.0.1:${server.port} does not reply to several requests on one connection; each of at most 20 connections has one request in flight.`,
    ]);
    expect(counts(endings)).toEqual({ acknowledged: 30 });
    expect(mostUnderWay).toBe(20);
  });

  test("is found out by the first that it leaves unanswered", async () => {
    await using server = await serveOne();
    const options = { connections: 1, connectionsOfOne: 8, inFlightPerConnection: 8, unprepared: true };
    const { endings, capacityAtEnd } = await drive({ rpc: at(server.port), count: 30, ...options });
    expect(counts(endings)).toEqual({ acknowledged: 23, "broken: CLOSED": 7 });
    expect(capacityAtEnd).toBe(8);
  });
});

test("what was not written when a connection ended goes to another, or is unsent where there is no place", async () => {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using server = await startScripted((sequence) =>
    sequence === 0 ? { kind: "wait", until, closes: true } : proper,
  );
  using way = openHeld({ rpc: at(server.port), connections: 1, inFlightPerConnection: 8 });
  for (let i = 0; i < 4; i++) way.transport.send(i);
  await way.turnUntil(() => server.received.length === 1);
  for (let i = 4; i < 7; i++) way.transport.send(i);
  release();
  while (way.ended() < 6) await nextTurn();
  await way.turnUntil(({ ended }) => ended() === 7);
  expect(way.endings).toEqual([
    "acknowledged",
    ...Array(3).fill("broken: CLOSED"),
    "acknowledged",
    ...Array(2).fill("unsent: NO_CONNECTION"),
  ]);
  expect(server.received).toEqual([0, 4]);
  expect(way.transport).toMatchObject({ underWay: 0, capacity: 1 });
});

test("some replies are read in full although they look as usual", async () => {
  const hash = `AB","code":9,"x":"${"A".repeat(64 - 18)}`;
  await using server = await startScripted((sequence) =>
    sequence === 0 ? proper : { kind: "odd-hash", hash },
  );
  const { endings } = await drive({
    rpc: at(server.port),
    count: 2100,
    connections: 1,
    inFlightPerConnection: 50,
  });
  expect(counts(endings)).toEqual({ acknowledged: 2098, "rejected: code 9: ": 2 });
});

test("nothing is told any more once it is closed", async () => {
  await using server = await startScripted(() => proper);
  const way = openHeld({ rpc: at(server.port) });
  way.transport.send(0);
  await way.turnUntil(() => server.received.length === 1);
  way.transport.send(1);
  way.transport.close();
  const { length } = way.endings;
  way.transport.turn(1e9);
  await using other = await startScripted(() => proper);
  await drive({ rpc: at(other.port), count: 50 });
  expect(way.endings.length).toBe(length);
});
