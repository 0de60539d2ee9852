import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { until } from "../../../src/core/async.ts";
import { type LighthouseOptions, startLighthouse } from "../../../src/server/lighthouse/lighthouse.ts";

interface Message {
  readonly type: string;
  readonly src?: string;
  readonly payload?: unknown;
}

async function open(options: Partial<LighthouseOptions> = {}) {
  const lighthouse = await startLighthouse({
    listen: "127.0.0.1",
    port: 0,
    version: "1.2.3",
    islandUpdateMs: 10,
    ...options,
  });
  onTestFinished(() => lighthouse[Symbol.asyncDispose]());
  return lighthouse;
}

/** A peer as the library is one, without WebRTC. */
function connect(url: string, query: Record<string, string> = {}, headers: Record<string, string> = {}) {
  const asked = new URLSearchParams({ key: "peerjs", token: "t", ...query });
  const socket = new WebSocket(`${url.replace("http", "ws")}/peerjs?${asked}`, { headers });
  onTestFinished(() => socket.terminate());
  const messages: Message[] = [];
  let closed: string | undefined;
  socket.on("message", (data) => messages.push(JSON.parse(String(data))));
  socket.on("close", (code, reason) => {
    closed = `${code} ${reason}`;
  });
  socket.on("error", () => {});
  const waiting = { timeoutMs: 10_000, everyMs: 5, describe: () => JSON.stringify({ messages, closed }) };
  return {
    socket,
    messages,
    send: (message: object) => socket.send(JSON.stringify(message)),
    message: (type: string) => until(() => messages.find((one) => one.type === type), waiting),
    closed: () => until(() => closed, waiting),
  };
}

async function join(url: string, id: string, position = [0, 0, 0], layer = "blue") {
  const peer = connect(url, { id });
  await peer.message("OPEN");
  peer.send({ type: "VALIDATION", payload: "anything" });
  await peer.message("VALIDATION_OK");
  peer.send({ type: "HEARTBEAT", payload: { connectedPeerIds: [], position, preferedIslandId: layer } });
  await peer.message("CHANGE_ISLAND");
  return peer;
}

test("peers near each other hear of each other, and their signals pass with the sender's own id", async () => {
  const { url } = await open();
  const a = await join(url, "a");
  const b = await join(url, "b");
  expect(await b.message("CHANGE_ISLAND")).toMatchObject({
    src: "__lighthouse__",
    dst: "b",
    payload: { islandId: "blue-1", peers: [{ id: "a" }, { id: "b", position: [0, 0, 0] }] },
  });
  expect(await a.message("PEER_JOINED_ISLAND")).toMatchObject({
    payload: { islandId: "blue-1", peer: { id: "b" } },
  });
  a.send({ type: "OFFER", src: "somebody else", dst: "b", payload: { sdp: "x" } });
  expect(await b.message("OFFER")).toEqual({ type: "OFFER", src: "a", dst: "b", payload: { sdp: "x" } });
  b.socket.close();
  expect(await a.message("PEER_LEFT_ISLAND")).toMatchObject({ payload: { peer: { id: "b" } } });
});

test("peers of different layers, or far away, cannot reach each other", async () => {
  const { url } = await open();
  const a = await join(url, "a");
  const red = await join(url, "red", [0, 0, 0], "red");
  const far = await join(url, "far", [1000, 0, 0]);
  const near = await join(url, "near");
  for (const dst of ["red", "far", "nobody", "near"]) a.send({ type: "OFFER", dst, payload: {} });
  await near.message("OFFER");
  expect([...red.messages, ...far.messages].filter(({ type }) => type === "OFFER")).toEqual([]);
});

test("a peer that moved away leaves its island, and is told who is in the new one", async () => {
  const { url } = await open();
  const a = await join(url, "a");
  const b = await join(url, "b");
  await a.message("PEER_JOINED_ISLAND");
  b.send({ type: "HEARTBEAT", payload: { position: [500, 0, 0], preferedIslandId: "blue" } });
  expect(await a.message("PEER_LEFT_ISLAND")).toMatchObject({ payload: { peer: { id: "b" } } });
  await until(() => b.messages.filter(({ type }) => type === "CHANGE_ISLAND")[1], {
    timeoutMs: 10_000,
    everyMs: 5,
    describe: () => JSON.stringify(b.messages),
  });
});

test("a peer without an id gets one; an id of another peer is refused, unless the token is the same", async () => {
  const { url } = await open();
  const anonymous = connect(url);
  expect(await anonymous.message("ASSIGNED_ID")).toMatchObject({ payload: { id: expect.any(String) } });
  const a = await join(url, "a");
  const thief = connect(url, { id: "a", token: "other" });
  await thief.message("ID-TAKEN");
  await thief.closed();
  const again = connect(url, { id: "a" });
  await again.message("OPEN");
  expect(await a.closed()).toBe("1008 The same peer connected again");
});

test.each([
  ["another key", { key: "x" }],
  ["no token", { token: "" }],
  ["an id with a blank", { id: "a b" }],
  ["an id of 65 characters", { id: "x".repeat(65) }],
])("%s is refused", async (_name, query) => {
  const { url } = await open();
  const peer = connect(url, query);
  await peer.message("ERROR");
  await peer.closed();
});

test("signals before validation are ignored", async () => {
  const { url } = await open();
  const a = await join(url, "a");
  const b = connect(url, { id: "b" });
  await b.message("OPEN");
  b.send({ type: "OFFER", dst: "a", payload: {} });
  b.send({ type: "HEARTBEAT", payload: { position: [0, 0, 0] } });
  b.send({ type: "VALIDATION" });
  await b.message("VALIDATION_OK");
  expect(a.messages.map(({ type }) => type)).not.toContain("OFFER");
});

test("garbage is ignored, and the peer goes on", async () => {
  const { url } = await open();
  const a = await join(url, "a");
  const heartbeats = [null, [], "x", { position: [1, 2] }, { position: ["x", null, 0], connectedPeerIds: 3 }];
  for (const payload of heartbeats) a.send({ type: "HEARTBEAT", payload });
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    '"x"',
    "{}",
    '{"type":"__proto__"}',
    '{"type":"OFFER","dst":{}}',
  ]) {
    a.socket.send(text);
  }
  const b = await join(url, "b");
  a.send({ type: "OFFER", dst: "b", payload: {} });
  await b.message("OFFER");
});

test.each([
  [
    "a message above the bound",
    { messageBytes: 1000 },
    (socket: WebSocket) => socket.send("x".repeat(1001)),
    /^1009 /,
  ],
  [
    "more messages than allowed",
    { messagesPerSec: 1, messagesAtOnce: 10 },
    (socket: WebSocket) => {
      for (let count = 0; count < 50; count++) socket.send("{}");
    },
    /^1008 Too many messages$/,
  ],
])("%s ends the connection", async (_name, limits, act, reason) => {
  const { url } = await open({ limits });
  const peer = connect(url);
  await peer.message("OPEN");
  act(peer.socket);
  expect(await peer.closed()).toMatch(reason);
});

test("peers above the bound are refused, and room is made when one goes", async () => {
  const { url } = await open({ limits: { peers: 2 } });
  const first = connect(url);
  await first.message("OPEN");
  await connect(url).message("OPEN");
  const third = connect(url);
  expect(await third.message("ERROR")).toMatchObject({ payload: { msg: "This lighthouse takes 2 peers" } });
  first.socket.terminate();
  const later = await until(
    async () => {
      const peer = connect(url);
      await once(peer.socket, "message");
      return peer.messages[0]?.type === "ASSIGNED_ID" ? peer : undefined;
    },
    { timeoutMs: 10_000, everyMs: 10, describe: () => "still full" },
  );
  await later.message("OPEN");
});

test("a peer that never validates, or falls silent, is disconnected", async () => {
  let skewMs = 0;
  const clock = { monotonicMs: () => performance.now() + skewMs, wallMs: () => Date.now() };
  const { url } = await open({ clock });
  const silent = connect(url, { id: "s" });
  await silent.message("OPEN");
  const a = await join(url, "a");
  skewMs = 30_000;
  expect(await silent.closed()).toBe("1008 No validation came");
  skewMs = 70_000;
  expect(await a.closed()).toBe("1008 No heartbeat came");
});

test("pages of other sites may not connect to a lighthouse on loopback; those of this machine may", async () => {
  const { url } = await open();
  const foreign = connect(url, {}, { origin: "http://evil.example" });
  expect(await foreign.closed()).toMatch(/^1006/);
  await connect(url, {}, { origin: "http://localhost:7654" }).message("OPEN");
  const elsewhere = new WebSocket(`${url.replace("http", "ws")}/elsewhere`);
  await expect(once(elsewhere, "open")).rejects.toThrow("403");
  expect((await fetch(`${url}/status`, { headers: { origin: "http://evil.example" } })).status).toBe(403);
});

test("status, peers, topology and islands can be asked for", async () => {
  const lighthouse = await open();
  const ask = async (path: string) => (await fetch(lighthouse.url + path)).json();
  const a = await join(lighthouse.url, "a");
  await join(lighthouse.url, "b", [1, 2, 3]);
  a.send({ type: "HEARTBEAT", payload: { connectedPeerIds: ["b", 3], preferedIslandId: "blue" } });
  await until(async () => JSON.stringify(await ask("/peers/topology")).includes('["b"]') || undefined, {
    timeoutMs: 10_000,
    everyMs: 10,
    describe: () => "no topology",
  });
  expect(await ask("/status")).toMatchObject({
    ready: true,
    usersCount: 2,
    islandsCount: 1,
    version: "1.2.3",
  });
  expect(await ask("/peers")).toMatchObject({
    ok: true,
    peers: [{ id: "a" }, { id: "b", position: [1, 2, 3] }],
  });
  expect(await ask("/islands")).toMatchObject({
    islands: [{ id: "blue-1", peers: [{ id: "a" }, { id: "b" }] }],
  });
  expect(lighthouse.peerCount).toBe(2);
});
