import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { until } from "../../../../src/core/async.ts";
import { mysticeti } from "../../../../src/protocol/mysticeti.ts";
import { drive, withoutTemplate } from "../drive.ts";
import { accepted, idOf, refused } from "../replies.ts";
import { frame, handshakeReply, startScripted } from "./server.ts";

test.each([
  ["one at a time", { inFlightPerConnection: 1 }],
  ["many on each connection", { inFlightPerConnection: 37 }],
  ["messages of more than 64 KiB", { transactionSizeBytes: 60_000, inFlightPerConnection: 3 }],
  [
    "bodies that are made anew",
    { submission: withoutTemplate(mysticeti.submission), inFlightPerConnection: 5 },
  ],
])("every transaction arrives unchanged at a server of the ws library, %s", async (_, options) => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", path: "/websocket" });
  await once(server, "listening");
  const bodies: string[] = [];
  server.on("connection", (socket) => {
    socket.on("message", (data) => {
      const body = String(data);
      bodies.push(body);
      socket.send(accepted(idOf(body)));
    });
  });
  const { counts, strays } = await drive({
    port: (server.address() as { port: number }).port,
    count: 500,
    ...options,
  });
  expect(counts).toEqual({ acknowledged: 500 });
  expect(strays).toEqual({});
  const { transactionSizeBytes = 64 } = options as { transactionSizeBytes?: number };
  const wanted = Array.from({ length: 500 }, (_, sequence) => {
    const identity = { run: 7, client: 1, sequence };
    return mysticeti.submission.body(
      mysticeti.transactions.encode(identity, transactionSizeBytes, 3),
      sequence,
    );
  });
  expect(new Set(bodies)).toEqual(new Set(wanted));
  expect(bodies).toHaveLength(500);
  for (const client of server.clients) client.terminate();
  server.close();
});

test("replies in any order, rejections and events each find their place", async () => {
  let held: number[] = [];
  await using server = await startScripted({
    message: (text, { socket }) => {
      held.push(idOf(text));
      if (held.length < 8) return;
      socket.write(frame('{"jsonrpc":"2.0","method":"event"}'));
      for (const id of held.reverse()) socket.write(frame(id % 3 === 0 ? refused(id) : accepted(id)));
      held = [];
    },
  });
  const { ends, strays } = await drive({
    port: server.port,
    count: 80,
    connections: 1,
    inFlightPerConnection: 8,
  });
  for (const [sequence, how] of ends) {
    const isRefused = (1e14 + sequence) % 3 === 0;
    expect(how).toBe(isRefused ? "rejected: error -32603: mempool is full" : "acknowledged");
  }
  expect(strays).toEqual({ "no reply": 10 });
});

test("ids that nobody sent, or that were answered, are counted apart", async () => {
  await using server = await startScripted({
    message: (text, { socket }) => {
      const id = idOf(text);
      socket.write(Buffer.concat([frame(accepted(99)), frame(accepted(id)), frame(accepted(id))]));
    },
  });
  const { counts, strays } = await drive({ port: server.port, count: 20, connections: 1 });
  expect(counts).toEqual({ acknowledged: 20 });
  // The last one's second reply may come after the end.
  expect(strays["reply to no request"]).toBeGreaterThanOrEqual(39);
});

test("an error without an id is about the oldest", async () => {
  await using server = await startScripted({
    message: (_, { socket }) =>
      socket.write(frame('{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"}}')),
  });
  const { counts } = await drive({ port: server.port, count: 5, inFlightPerConnection: 2 });
  expect(counts).toEqual({ "rejected: error -32700: Parse error": 5 });
});

test("pings are answered with what they carry, and a close with a close", async () => {
  await using server = await startScripted({
    message: (text, { socket }) => {
      socket.write(frame("life", 0x89));
      socket.write(frame(accepted(idOf(text))));
      socket.write(frame(Buffer.from([0x03, 0xf1]), 0x88));
    },
  });
  const { counts } = await drive({ port: server.port, count: 3, connections: 1 });
  expect(counts).toEqual({ acknowledged: 3 });
  await until(() => server.controls.length >= 4, {
    timeoutMs: 5000,
    everyMs: 5,
    describe: () => "the control frames have not come",
  });
  expect(server.controls.slice(0, 2)).toEqual([
    expect.objectContaining({ opcode: 10, payload: Buffer.from("life") }),
    expect.objectContaining({ opcode: 8, payload: Buffer.from([0x03, 0xf1]) }),
  ]);
});

describe("what breaks a connection ends what is under way, by a code", () => {
  const going = frame(Buffer.from([0x03, 0xe9]), 0x88);
  const huge = Buffer.from([0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0]);
  test.each([
    ["a hang-up", Buffer.alloc(0), true, "WS_HUNG_UP"],
    ["a hang-up within a frame", frame(accepted(1)).subarray(0, 20), true, "WS_TRUNCATED"],
    ["a close", going, false, "WS_CLOSED_1001"],
    ["a close without a code", frame("", 0x88), false, "WS_CLOSED_1005"],
    ["a binary message", frame("{}", 0x82), false, "WS_BINARY"],
    ["garbage", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), false, "WS_MALFORMED"],
    ["a huge frame", huge, false, "WS_MESSAGE_TOO_LARGE"],
  ])("%s", async (_, bytes, hangsUp, code) => {
    await using server = await startScripted({
      message: (_, { socket }) => (hangsUp ? socket.end(bytes) : socket.write(bytes)),
    });
    const { counts } = await drive({
      port: server.port,
      count: 12,
      connections: 2,
      inFlightPerConnection: 3,
    });
    expect(counts).toEqual({ [`broken: ${code}`]: 12 });
  });

  test("a reset", async () => {
    await using server = await startScripted({ message: (_, { socket }) => socket.resetAndDestroy() });
    const { counts } = await drive({ port: server.port, count: 6, connections: 2 });
    expect(counts).toEqual({ "broken: ECONNRESET": 6 });
  });
});

describe("without a WebSocket nobody can have a transaction", () => {
  test.each([
    ["another status", "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "WS_HANDSHAKE_404"],
    ["garbage", "\r\n\r\n", "WS_HANDSHAKE_MALFORMED"],
    ["a wrong key", handshakeReply("Sec-WebSocket-Key: other\r\n"), "WS_HANDSHAKE_WRONG_ACCEPT"],
    ["an endless head", `HTTP/1.1 101 OK\r\n${"a: b\r\n".repeat(4000)}`, "WS_HANDSHAKE_TOO_LARGE"],
    ["no upgrade", "HTTP/1.1 101 OK\r\n\r\n", "WS_HANDSHAKE_MALFORMED"],
  ])("%s", async (_, reply, code) => {
    await using server = await startScripted({
      message: () => {},
      handshake: (_, { socket }) => socket.write(reply),
    });
    const { counts, notes } = await drive({ port: server.port, count: 5, connections: 2 });
    expect(counts).toEqual({ [`unreachable: ${code}`]: 5 });
    expect(notes).toEqual([`127.0.0.1:${server.port} refused a connection: ${code}.`]);
  });

  test("silence, for as long as a connection may take", async () => {
    await using server = await startScripted({ message: () => {}, handshake: () => {} });
    const { counts, longestMs } = await drive({
      port: server.port,
      count: 2,
      connections: 1,
      connectTimeoutMs: 200,
      prepared: false,
    });
    expect(counts).toEqual({ "unreachable: WS_HANDSHAKE_TIMEOUT": 2 });
    expect(longestMs).toBeLessThan(5000);
  });

  test("nobody there", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, "close");
    expect((await drive({ port, count: 5 })).counts).toEqual({ "unreachable: ECONNREFUSED": 5 });
  });
});

test("a node that goes silent times out what it owes, and its connections are made anew", async () => {
  await using server = await startScripted({
    message: (text, peer) => {
      // The first two connections never answer their third message, or any after it.
      if (peer.index < 2 && peer.answered >= 2) return;
      peer.answered++;
      peer.socket.write(frame(accepted(idOf(text))));
    },
  });
  const options = { connections: 2, inFlightPerConnection: 4, requestTimeoutMs: 300 };
  const { counts, longestMs } = await drive({ port: server.port, count: 40, ...options });
  expect(counts["timed out"]).toBeGreaterThanOrEqual(2);
  expect(counts["timed out"]).toBeLessThanOrEqual(8);
  expect(Object.keys(counts).sort()).toEqual(["acknowledged", "timed out"]);
  expect(server.peers.length).toBeGreaterThanOrEqual(4);
  expect(longestMs).toBeLessThan(5000);
});

test("a reply that comes too late is counted apart, and the connection goes on", async () => {
  await using server = await startScripted({
    message: (text, { socket }) => {
      const delayMs = idOf(text) === 1e14 ? 2500 : 1500;
      setTimeout(() => socket.write(frame(accepted(idOf(text)))), delayMs);
    },
  });
  const { ends, strays } = await drive({
    port: server.port,
    count: 2,
    notBeforeMs: (sequence) => sequence * 1500,
    connections: 1,
    inFlightPerConnection: 2,
    requestTimeoutMs: 2000,
  });
  expect([...ends]).toEqual([
    [0, "timed out"],
    [1, "acknowledged"],
  ]);
  expect(strays).toEqual({ "reply to no request": 1 });
  expect(server.peers).toHaveLength(1);
});
