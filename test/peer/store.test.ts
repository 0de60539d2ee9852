/** The default store, for real: two or three of them, connected by their own network code. */

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { openAutomergeStore } from "../../src/peer/store/automerge.ts";
import type { Store, StoredMessage } from "../../src/peer/store/store.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const stats = { rssBytes: 1, cpuSecs: 1, connections: 0 };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no address");
  return address.port;
}

interface Opened extends AsyncDisposable {
  readonly store: Store;
  readonly port: number;
  readonly held: Map<string, StoredMessage>;
  readonly changes: string[];
}

async function open(name: string, folder: string, peers: readonly string[], port?: number): Promise<Opened> {
  const at = port ?? (await freePort());
  const store = await openAutomergeStore({
    name,
    peers,
    listen: { host: "127.0.0.1", port: at },
    folder: join(folder, name),
    heartbeatMs: 200,
    accepts: (peer) => peers.includes(peer),
  });
  const [held, changes] = [new Map<string, StoredMessage>(), [] as string[]];
  await store.subscribe({
    onMessage: (message) => held.set(`${message.from} ${message.id}`, message),
    onConnection: (change, peer) => changes.push(`${change} ${peer}`),
    onTrouble: (what) => {
      throw new Error(what);
    },
  });
  return { store, port: at, held, changes, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

const write = ({ store }: Opened, id: string, bytes = 100) =>
  store.write({
    id,
    atMs: Date.now(),
    stats,
    payload: crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536))),
  });
const holds = async ({ held }: Opened, ...ids: readonly string[]) =>
  await until(() => (ids.every((id) => held.has(id)) ? true : undefined), {
    timeoutMs: 20_000,
    everyMs: 10,
    describe: () => `has only ${[...held.keys()].join(", ")}`,
  });

test("messages reach peers that are connected directly, and through others", async () => {
  await using folder = await openTemporaryFolder();
  const peers = ["a", "b", "c"];
  await using a = await open("a", folder.path, peers);
  await using b = await open("b", folder.path, peers);
  await using c = await open("c", folder.path, peers);
  b.store.connect("a", { host: "127.0.0.1", port: a.port });
  c.store.connect("b", { host: "127.0.0.1", port: b.port });
  await write(a, "1");
  await write(c, "2");
  await Promise.all([holds(b, "a 1", "c 2"), holds(c, "a 1"), holds(a, "c 2")]);
  expect(b.store.status().connections.toSorted()).toEqual(["a", "c"]);
  expect(a.changes).toEqual(["connect b"]);
  // What one counts as sent, the other has received.
  const traffic = ({ store }: Opened, peer: string) =>
    store.status().traffic.find((one) => one.peer === peer);
  await until(
    () => {
      const { sentBytes = 0 } = traffic(a, "b") ?? {};
      return sentBytes > 100 && sentBytes === traffic(b, "a")?.receivedBytes ? true : undefined;
    },
    { timeoutMs: 5000, everyMs: 20, describe: () => JSON.stringify([traffic(a, "b"), traffic(b, "a")]) },
  );
  await until(() => ((a.store.status().stateBytes ?? 0) > 200 ? true : undefined), {
    timeoutMs: 5000,
    everyMs: 20,
    describe: () => "nothing is saved",
  });
}, 40_000);

test("more than a document holds goes on in the next, in order, and messages of a megabyte go through", async () => {
  await using folder = await openTemporaryFolder();
  await using a = await open("a", folder.path, ["a", "b"]);
  await using b = await open("b", folder.path, ["a", "b"]);
  b.store.connect("a", { host: "127.0.0.1", port: a.port });
  for (let number = 0; number < 600; number++) await write(a, String(number));
  for (let number = 0; number < 12; number++) {
    const payload = new Uint8Array(1024 ** 2);
    await a.store.write({ id: `large ${number}`, atMs: Date.now(), stats, payload });
    // What is full for them is asked for before its writer needs it.
    await holds(b, `a large ${number}`);
  }
  await holds(b, "a 599");
  expect(b.held.size).toBe(612);
}, 60_000);

test("a peer that comes back has what it had, gets what it missed, and writes on", async () => {
  await using folder = await openTemporaryFolder();
  const peers = ["a", "b"];
  await using a = await open("a", folder.path, peers);
  let port: number;
  {
    await using b = await open("b", folder.path, peers);
    port = b.port;
    b.store.connect("a", { host: "127.0.0.1", port: a.port });
    await write(b, "1");
    await write(a, "1");
    await Promise.all([holds(a, "b 1"), holds(b, "a 1")]);
  }
  await write(a, "2");
  await using b = await open("b", folder.path, peers, port);
  await holds(b, "a 1"); // from its own files
  b.store.connect("a", { host: "127.0.0.1", port: a.port });
  await write(b, "2");
  await Promise.all([holds(b, "a 2"), holds(a, "b 1", "b 2")]);
  expect(a.changes.filter((change) => change === "connect b").length).toBe(2);
}, 60_000);

/** Passes bytes on until it is cut. */
async function openProxy(target: number): Promise<{ port: number; server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(target, "127.0.0.1");
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => sockets.delete(one));
    }
    socket.pipe(onward).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return { port: address.port, server, sockets };
}

test("connections that are cut again and again are made again, and nothing is lost", async () => {
  await using folder = await openTemporaryFolder();
  const peers = ["a", "b"];
  await using a = await open("a", folder.path, peers);
  await using b = await open("b", folder.path, peers);
  const proxy = await openProxy(a.port);
  b.store.connect("a", { host: "127.0.0.1", port: proxy.port });
  try {
    for (let round = 0; round < 5; round++) {
      await until(() => (a.store.status().connections.includes("b") ? true : undefined), {
        timeoutMs: 10_000,
        everyMs: 10,
        describe: () => "they are not connected",
      });
      await Promise.all([write(a, `${round}`), write(b, `${round}`)]);
      for (const socket of proxy.sockets) socket.destroy();
      await Promise.all([write(a, `${round} later`), write(b, `${round} later`)]);
    }
    const ids = Array.from({ length: 5 }, (_, round) => [`${round}`, `${round} later`]).flat();
    await Promise.all([holds(b, ...ids.map((id) => `a ${id}`)), holds(a, ...ids.map((id) => `b ${id}`))]);
  } finally {
    proxy.server.close();
    for (const socket of proxy.sockets) socket.destroy();
  }
}, 60_000);

test("strangers and garbage end their own connections, and nothing else", async () => {
  await using folder = await openTemporaryFolder();
  await using a = await open("a", folder.path, ["a", "b"]);
  await using stranger = await open("stranger", folder.path, ["a", "stranger"]);
  stranger.store.connect("a", { host: "127.0.0.1", port: a.port });
  const socket = new WebSocket(`ws://127.0.0.1:${a.port}`);
  await once(socket, "open");
  socket.send(new Uint8Array(1000).fill(255));
  socket.send("text");
  await once(socket, "close");
  const raw = connect(a.port, "127.0.0.1");
  raw.end("not HTTP at all\r\n\r\n");
  await once(raw.resume(), "close");
  await using b = await open("b", folder.path, ["a", "b"]);
  b.store.connect("a", { host: "127.0.0.1", port: a.port });
  await write(a, "1");
  await holds(b, "a 1");
  expect(stranger.held.size).toBe(0);
}, 40_000);
