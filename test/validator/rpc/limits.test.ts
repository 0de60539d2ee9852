import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { openMemoryChain } from "./memory-chain.ts";
import { connect, dial, post, serve } from "./running.ts";

/** Writes the same again and again, as fast as it is taken, until the other side hangs up. */
function pump(socket: Socket, chunk: string): void {
  while (!socket.destroyed && socket.write(chunk));
  if (!socket.destroyed) socket.once("drain", () => pump(socket, chunk));
}

/** Resolves once the server takes a new connection, because another has been closed. */
async function hasRoom(url: string): Promise<void> {
  await until(async () => (await post(url, health).catch(() => undefined))?.status === 200 || undefined, {
    timeoutMs: 10_000,
    everyMs: 10,
    describe: () => "there is no room for another connection",
  });
}

const health = { id: 1, method: "health" };
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

test("hangs up on a body without end", async () => {
  const { port } = await serve(openMemoryChain());
  const { socket, ended } = dial(port);
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  pump(socket, `10000\r\n${"x".repeat(65_536)}\r\n`);
  await ended;
  expect(socket.bytesWritten).toBeLessThan(64_000_000);
});

test.each([
  ["nothing", ""],
  ["half a head", "POST / HTTP/1.1\r\nHost: x\r\n"],
  ["half a body", 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"id":1,'],
])("a connection that sends %s is told 408 and closed when its time is up", async (_, text) => {
  const { port, url } = await serve(openMemoryChain(), { limits: { requestTimeoutMs: 200 } });
  const { socket, ended } = dial(port);
  socket.write(text);
  expect(await ended).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  // One that sends its request at once is served, on a machine with other things to do at the second try.
  await until(async () => ((await post(url, health)).status === 200 ? true : undefined), {
    timeoutMs: 10_000,
    everyMs: 10,
    describe: () => "nobody is served",
  });
});

test("takes a head of nearly 1 MiB, a transaction in its URI, and refuses a longer one", async () => {
  const chain = openMemoryChain();
  const { port } = await serve(chain);
  const short = dial(port);
  short.socket.write(get(`/broadcast_tx_sync?tx=0x${"61".repeat(500_000)}`));
  await until(() => (chain.mempool.bytes === 500_000 ? true : undefined), {
    timeoutMs: 5_000,
    everyMs: 5,
    describe: () => "the transaction did not arrive",
  });
  const long = dial(port);
  long.socket.write(get(`/broadcast_tx_sync?tx=0x${"61".repeat(600_000)}`));
  expect(await long.ended).toMatch(/^HTTP\/1\.1 431 /);
});

test("closes connections beyond the limit at once, WebSockets counted, and takes others once there is room", async () => {
  const log: string[] = [];
  const { port, url } = await serve(openMemoryChain(), {
    limits: { mostConnections: 2 },
    log: (level, message) => log.push(`${level} ${message}`),
  });
  const webSocket = await connect(url);
  const second = dial(port);
  second.socket.write(get("/health"));
  await until(() => (second.socket.bytesRead > 0 ? true : undefined), {
    timeoutMs: 5_000,
    everyMs: 2,
    describe: () => "the second connection is not served",
  });
  expect(await dial(port).ended).toBe("");
  expect(log.join()).toMatch(/warn closed a new connection/);
  webSocket.socket.close();
  await webSocket.closing;
  second.socket.destroy();
  await hasRoom(url);
});

test("closes a connection on which nothing moves while a reply waits to be read", async () => {
  const chain = openMemoryChain();
  chain.commit("x".repeat(16_000_000));
  const { port, url } = await serve(chain, { limits: { stallTimeoutMs: 200, mostConnections: 1 } });
  const { socket, ended } = dial(port);
  socket.pause();
  socket.write(get("/block?height=1"));
  await hasRoom(url);
  socket.resume();
  await ended;
});

test("pings WebSocket clients, and hangs up on one that answers none", async () => {
  const { url } = await serve(openMemoryChain(), { limits: { pingPeriodMs: 100 } });
  const alive = await connect(url);
  const dead = await connect(url, { autoPong: false });
  const started = performance.now();
  expect(await dead.closing).toBe(1006);
  expect(performance.now() - started).toBeGreaterThan(100);
  alive.send(health);
  expect(await alive.next()).toMatchObject({ id: 1, result: {} });
});

test("reads no further requests from a WebSocket client that leaves its replies unread", async () => {
  const chain = openMemoryChain();
  chain.commit("x".repeat(3_000_000));
  let asked = 0;
  const counting = {
    ...chain,
    block: (height: number) => {
      asked++;
      return chain.block(height);
    },
  };
  const { url } = await serve(counting);
  const client = await connect(url);
  client.socket.pause();
  // Apart in time, so that they are not all in one piece that was read before the first reply.
  for (let id = 0; id < 30; id++) {
    client.send({ id, method: "block", params: { height: "1" } });
    await new Promise((sent) => setImmediate(sent));
  }
  const whileUnread = asked;
  client.socket.resume();
  for (let id = 0; id < 30; id++) expect(await client.next()).toMatchObject({ id, result: { block: {} } });
  expect(whileUnread).toBeLessThan(30);
  expect(asked).toBe(30);
});

test("bounds those who wait for events: subscribers, and broadcast_tx_commit", async () => {
  const chain = openMemoryChain();
  const { url } = await serve(chain);
  const commit = (i: number) => {
    const tx = Buffer.from(`waits ${i}`).toString("base64");
    return post(url, { id: i, method: "broadcast_tx_commit", params: { tx } });
  };
  const waiting = Array.from({ length: 100 }, (_, i) => commit(i));
  await until(() => (chain.mempool.count === 100 ? true : undefined), {
    timeoutMs: 10_000,
    everyMs: 5,
    describe: () => `${chain.mempool.count} of 100 wait`,
  });
  const full = { error: { code: -32603, data: "max_subscription_clients 100 reached" } };
  expect((await commit(100)).reply).toMatchObject(full);
  const client = await connect(url);
  client.send({ id: 1, method: "subscribe", params: ["tm.event='NewBlock'"] });
  expect(await client.next()).toMatchObject(full);
  chain.commit();
  for (const { reply } of await Promise.all(waiting))
    expect(reply).toMatchObject({ result: { height: "1" } });
  client.send({ id: 2, method: "subscribe", params: ["tm.event='NewBlock'"] });
  expect(await client.next()).toMatchObject({ id: 2, result: {} });
});

test("no reply goes out before what it acknowledges is in the log; a batch waits once", async () => {
  const chain = openMemoryChain();
  const waiting: (() => void)[] = [];
  let isLogging = false;
  const whenLogged = (then: () => void) => {
    if (isLogging) then();
    else waiting.push(then);
  };
  const { url } = await serve({ ...chain, whenLogged });
  const tx = (text: string) => ({
    id: 1,
    method: "broadcast_tx_sync",
    params: [Buffer.from(text).toString("base64")],
  });
  let answered = 0;
  const count = () => answered++;
  const batch = post(url, [tx("a"), tx("b"), tx("c")]).finally(count);
  const uri = fetch(`${url}/broadcast_tx_async?tx="d"`).finally(count);
  const client = await connect(url);
  client.send(tx("e"));
  const overSocket = client.next().finally(count);
  await until(() => (chain.mempool.count === 5 ? true : undefined), {
    timeoutMs: 5_000,
    everyMs: 2,
    describe: () => "they did not arrive",
  });
  await until(() => (waiting.length === 3 ? true : undefined), {
    timeoutMs: 5_000,
    everyMs: 2,
    describe: () => `${waiting.length} replies wait`,
  });
  expect(answered).toBe(0);
  isLogging = true;
  for (const then of waiting) then();
  expect((await batch).reply).toHaveLength(3);
  expect((await uri).status).toBe(200);
  expect(await overSocket).toMatchObject({ result: { code: 0 } });
});
