/** What hostile clients may use up of a server: memory, and time that others need. */
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { startMetricsServer } from "../../../src/validator/rpc/index.ts";
import { openMemoryChain } from "./memory-chain.ts";
import { connect, dial, post, serve } from "./running.ts";

const health = { id: 1, method: "health" };
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const postText = (body: string) =>
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** A chain with a first block of this length, and how often a block was read from it. */
function openCountingChain(length: number) {
  const chain = openMemoryChain();
  chain.commit("x".repeat(length));
  let count = 0;
  const block = (height: number) => {
    count++;
    return chain.block(height);
  };
  return { ...chain, block, count: () => count };
}

function eventually(isTrue: () => boolean, what: string): Promise<true> {
  const describe = () => what;
  return until(() => isTrue() || undefined, { timeoutMs: 20_000, everyMs: 5, describe });
}

test("makes no reply before the one before it is with the kernel, and hangs up on those for whom others wait", async () => {
  const chain = openCountingChain(4_000_000);
  const log: string[] = [];
  const { port, url } = await serve(chain, {
    limits: { heldBytes: 16_000_000, patienceMs: 500 },
    log: (_, message) => log.push(message),
  });
  const hostile = Array.from({ length: 8 }, () => dial(port));
  for (const { socket } of hostile) socket.pause().write(get("/block?height=1").repeat(40));
  await eventually(() => chain.count() >= 3, "the first replies are not made");
  expect((await post(url, health)).status).toBe(200);
  const reply = await fetch(`${url}/block?height=1`);
  expect((await reply.json()) as object).toMatchObject({ result: { block: { header: { height: "1" } } } });
  await eventually(
    () => log.some((line) => line.startsWith("disconnected a client")),
    "nobody is hung up on",
  );
  // One each, and that of the test; 320 were asked for.
  expect(chain.count()).toBeLessThan(20);
});

test("makes a metrics reply only when the one before it is with the kernel", async () => {
  let count = 0;
  const name = "x".repeat(100_000);
  const metrics = () => {
    count++;
    return [{ name, help: name, type: "gauge", samples: [{ labels: {}, value: 1 }] }] as const;
  };
  const common = { chain: openMemoryChain(), metrics, host: "127.0.0.1", port: 0, log: () => {} };
  const server = await startMetricsServer(common);
  const { socket } = dial(server.port);
  socket.pause().write(get("/metrics").repeat(1_000));
  await eventually(() => count > 0, "no reply is made");
  const other = dial(server.port);
  other.socket.write(get("/metrics"));
  await eventually(() => other.received().endsWith(" 1\n"), "nobody else is served");
  expect(count).toBeLessThan(200);
  socket.destroy();
  await server.close();
});

test.each([
  ["short", 1],
  // With a read that ends within a request again and again.
  ["longer", 3_000],
])("serves others between %s requests of one client, valid or not, and loses none", async (_, length) => {
  const { port } = await serve(openMemoryChain(), { limits: { turnMs: 0 } });
  const hostile = dial(port);
  const replies = () => hostile.received().split("HTTP/1.1 500").length - 1;
  hostile.socket.write(postText("{".padEnd(length)).repeat(500));
  await eventually(() => replies() > 0, "it is not answered");
  const other = dial(port);
  other.socket.write(get("/health"));
  await once(other.socket, "data");
  expect(replies()).toBeLessThan(500);
  await eventually(() => replies() === 500, "its requests were lost");
});

test.each([
  ["without bodies", get("/health")],
  ["with short bodies", postText('{"id":1,"method":"health"}')],
  ["with bodies of several reads", postText(`{"id":1,"method":"health"${" ".repeat(200_000)}}`)],
])("answers all of many requests %s that are sent at once, by clients that read late", async (_, request) => {
  const { port } = await serve(openMemoryChain());
  const clients = Array.from({ length: 4 }, () => dial(port));
  const count = Math.max(20, Math.floor(400_000 / request.length));
  for (const { socket } of clients) socket.pause().write(request.repeat(count));
  for (const { socket } of clients) socket.resume();
  for (const { received } of clients) {
    const replies = () => received().split("HTTP/1.1 200").length - 1;
    await eventually(() => replies() === count, `${replies()} of ${count} are answered`);
  }
});

test("goes on reading from clients that have 64 transactions in flight each", async () => {
  const { port } = await serve(openMemoryChain());
  const request = (i: number) => {
    const tx = Buffer.from(`${i} ${"x".repeat(500)}`).toString("base64");
    return postText(JSON.stringify({ id: i, method: "broadcast_tx_async", params: { tx } }));
  };
  const most = 2_000;
  const clients = Array.from({ length: 4 }, (_, client) => {
    const { socket, received } = dial(port);
    const replies = () => received().split("HTTP/1.1 200").length - 1;
    let sent = 0;
    const send = (upTo: number) => {
      let text = "";
      while (sent < Math.min(upTo, most)) text += request(client * most + sent++);
      if (text !== "") socket.write(text);
    };
    socket.on("data", () => send(replies() + 64));
    send(64);
    return replies;
  });
  for (const replies of clients) await eventually(() => replies() === most, "one is not read from");
});

test.each([
  ["unread", false],
  ["read", true],
])("makes no objects of more than a few small requests at once, their replies being %s", async (_, reads) => {
  const { port } = await serve(openMemoryChain(), { limits: { turnMs: 0 } });
  let [began, ended, most] = [0, 0, 0];
  const count = (name: string, seen: () => void) => {
    const onMessage = (message: unknown) => {
      const { socket } = message as { readonly socket: Socket };
      if (socket.localPort === port) seen();
    };
    channel(name).subscribe(onMessage);
    onTestFinished(() => void channel(name).unsubscribe(onMessage));
  };
  count("http.server.request.start", () => {
    most = Math.max(most, ++began - ended);
  });
  count("http.server.response.finish", () => ended++);
  const hostile = dial(port);
  if (!reads) hostile.socket.pause();
  const replies = () => hostile.received().split("HTTP/1.1 500").length - 1;
  hostile.socket.write(postText("{").repeat(5_000));
  await eventually(() => began >= 1_000, "it is not served");
  // A portion of 4 KiB has 75, which come on top of the 32 that may wait.
  expect(most).toBeLessThan(150);
  hostile.socket.resume();
  await eventually(() => replies() === 5_000, "its requests were lost");
  expect(most).toBeLessThan(150);
});

test("serves others between the WebSocket messages of one client, and loses none", async () => {
  const { url } = await serve(openMemoryChain(), { limits: { turnMs: 0 } });
  const hostile = await connect(url);
  let replies = 0;
  hostile.socket.on("message", () => replies++);
  for (let i = 0; i < 500; i++) hostile.send("{");
  await eventually(() => replies > 0, "it is not answered");
  const other = await connect(url);
  other.send(health);
  expect(await other.next()).toMatchObject({ id: 1, result: {} });
  expect(replies).toBeLessThan(500);
  await eventually(() => replies === 500, "its requests were lost");
});

test("makes nothing for a client that is gone", async () => {
  const chain = openCountingChain(10);
  const { port } = await serve(chain);
  const { socket } = dial(port);
  socket.write(get('/broadcast_tx_commit?tx="waits"') + get("/block?height=1"));
  await eventually(() => chain.mempool.count === 1, "the transaction did not arrive");
  socket.destroy();
  const other = dial(port);
  other.socket.write(get("/health"));
  await eventually(() => other.received() !== "", "nobody else is served");
  chain.commit();
  other.socket.write(get("/block?height=2"));
  await eventually(() => other.received().includes("block_id"), "nobody else is served");
  expect(chain.count()).toBe(1);
});

test("a block event is in memory once, however many have not read it", async () => {
  const chain = openMemoryChain();
  const { url } = await serve(chain, { limits: { heldBytes: 20_000_000 } });
  const slow = await Promise.all(Array.from({ length: 4 }, () => connect(url)));
  for (const client of slow) {
    client.send({ id: 1, method: "subscribe", params: ["tm.event='NewBlock'"] });
    await client.next();
    client.socket.pause();
  }
  // 16 MB as base64, for each of them.
  for (let i = 0; i < 4; i++) chain.commit("x".repeat(3_000_000));
  for (const { socket } of slow) socket.resume();
  for (const client of slow) {
    for (const height of ["1", "2", "3", "4"]) {
      const value = { block: { header: { height } } };
      expect(await client.next()).toMatchObject({ result: { data: { value } } });
    }
    client.socket.pause();
  }
  for (let i = 0; i < 12; i++) chain.commit("x".repeat(3_000_000));
  for (const { socket } of slow) socket.resume();
  expect(await Promise.all(slow.map(({ closing }) => closing))).toEqual(slow.map(() => 1006));
});

test("hangs up on the oldest of many half-sent bodies", async () => {
  const { port, url } = await serve(openMemoryChain(), { limits: { heldBytes: 2_000_000 } });
  const hostile = Array.from({ length: 10 }, () => dial(port));
  const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
  for (const { socket } of hostile) socket.write(head + " ".repeat(900_000));
  await Promise.any(hostile.map(({ ended }) => ended));
  await eventually(() => hostile.filter(({ socket }) => !socket.destroyed).length < 5, "too much is held");
  expect((await post(url, health)).status).toBe(200);
});

test("hangs up on the oldest of many half-sent WebSocket messages", async () => {
  const { url } = await serve(openMemoryChain(), { limits: { heldBytes: 2_000_000 } });
  const hostile = await Promise.all(Array.from({ length: 10 }, () => connect(url)));
  for (const { socket } of hostile) socket.send(" ".repeat(900_000), { fin: false });
  await Promise.any(hostile.map(({ closing }) => closing));
  await eventually(
    () => hostile.filter(({ socket }) => socket.readyState === 1).length < 5,
    "too much is held",
  );
  expect((await post(url, health)).status).toBe(200);
});
