import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LinkShape, unshaped } from "../../../../src/contracts/links/shape.ts";
import type { ShapingSecond } from "../../../../src/contracts/links/shaping.ts";
import { until } from "../../../../src/core/async.ts";
import { quantileOf } from "../../../../src/core/numbers/quantile.ts";
import { openRelay } from "../../../../src/deploy/links/relay/open.ts";
import { linksOf } from "../matrix.ts";

const signal = AbortSignal.timeout(60_000);
const delays: Record<string, number> = { "0-1": 25, "1-0": 40, "0-2": 100, "2-0": 100 };

/** node1 and node2 answer with what they are sent. */
async function startEcho() {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, endpoint: { host: "127.0.0.1", port: (server.address() as AddressInfo).port } };
}

async function roundTrip(socket: Socket, bytes = Buffer.from("x")): Promise<number> {
  const startMs = performance.now();
  socket.write(bytes);
  await once(socket, "data");
  return performance.now() - startMs;
}

/** Whatever it ends by. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

describe("a relay", () => {
  let relay: Awaited<ReturnType<typeof openRelay>>;
  const echoes: Awaited<ReturnType<typeof startEcho>>[] = [];
  const sockets: Socket[] = [];
  const failures: string[] = [];
  const seconds: ShapingSecond[] = [];
  const open = async (from: string, to: string) => {
    const socket = connect(relay.portOf({ from, to }, "peer") ?? 0, "127.0.0.1");
    socket.setNoDelay();
    socket.on("error", () => {});
    sockets.push(socket);
    await once(socket, "connect");
    return socket;
  };
  const set = (from: string, to: string, shape: Partial<LinkShape>) =>
    relay.shaping.set([{ from, to, shape: { ...unshaped, ...shape } }], signal);

  beforeAll(async () => {
    for (let i = 0; i < 3; i++) echoes.push(await startEcho());
    relay = await openRelay({
      links: linksOf(3, (from, to) => ({ delayMs: delays[`${from}-${to}`] ?? 0 })),
      targets: echoes.map(({ endpoint }, i) => ({ node: `node${i}`, plane: "peer", endpoint })),
      nodeBinary: process.execPath,
      env: {},
      signal,
    });
    relay.shaping.onFailure((why) => failures.push(why));
    relay.shaping.onSecond((second) => seconds.push(second));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    for (const { server } of echoes) server.close();
    await relay[Symbol.asyncDispose]();
  });

  test("delays each direction by its own delay", async () => {
    const socket = await open("node0", "node1");
    await roundTrip(socket);
    const trips: number[] = [];
    for (let i = 0; i < 10; i++) trips.push(await roundTrip(socket));
    expect(quantileOf(trips, 0.5)).toBeGreaterThan(63);
    expect(quantileOf(trips, 0.5)).toBeLessThan(72);
  });

  test("probes see the delay of one direction", async () => {
    const pairs = [
      { from: "node0", to: "node1" },
      { from: "node1", to: "node0" },
      { from: "node0", to: "node2" },
    ];
    const probed = await relay.shaping.probe({ kind: "echo", pairs, packets: 100, perSecond: 200 }, signal);
    expect(probed.map(({ sent, received, way }) => ({ sent, received, way }))).toEqual(
      pairs.map(() => ({ sent: 100, received: 100, way: "one-way" })),
    );
    const medians = probed.map(({ delaysMs }) => quantileOf(delaysMs, 0.5));
    for (const [i, asked] of [25, 40, 100].entries())
      expect(Math.abs((medians[i] ?? 0) - asked)).toBeLessThan(3);
    expect(relay.shaping.bare).toHaveLength(6);
  });

  test("keeps the order of a connection whatever the jitter", async () => {
    await set("node0", "node1", { delayMs: 10, jitter: { deviationMs: 5, distribution: "normal" } });
    const socket = await open("node0", "node1");
    const numbers = Array.from({ length: 2000 }, (_, i) => `${i}\n`);
    let text = "";
    socket.on("data", (chunk) => {
      text += String(chunk);
    });
    for (const number of numbers) socket.write(number);
    const whole = numbers.join("");
    await until(() => (text.length >= whole.length ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 10,
      describe: () => "not all came back",
    });
    expect(text).toBe(whole);
  });

  test("limits the rate of a direction", async () => {
    await set("node0", "node2", { rateBps: 10_000_000 });
    const pairs = [{ from: "node0", to: "node2" }];
    const [probed] = await relay.shaping.probe(
      { kind: "goodput", pairs, warmUpMs: 300, measureMs: 1500 },
      signal,
    );
    expect(Math.abs((probed?.goodputBps ?? 0) / 10e6 - 1)).toBeLessThan(0.06);
  });

  test("cuts the connections of a link that is down, refuses others, and lets them in again", async () => {
    await set("node0", "node1", { delayMs: 5 });
    const socket = await open("node0", "node1");
    await roundTrip(socket);
    const cut = closed(socket);
    await set("node0", "node1", { down: true });
    await cut;
    const refused = connect(relay.portOf({ from: "node0", to: "node1" }, "peer") ?? 0, "127.0.0.1");
    refused.on("error", () => {});
    await closed(refused);
    await set("node0", "node1", { delayMs: 5 });
    expect(await roundTrip(await open("node0", "node1"))).toBeGreaterThan(0);
  });

  test("reports each second, and its end at once", async () => {
    const limits = { timeoutMs: 5000, everyMs: 20, describe: () => "nothing was reported" };
    await until(() => seconds.find(({ released }) => released > 0), limits);
    await until(() => seconds.find(({ cut }) => cut > 0), limits);
    expect(failures).toEqual([]);
    process.kill(relay.pid, "SIGKILL");
    const why = await until(() => failures[0], { ...limits, timeoutMs: 1000 });
    expect(why).toBe("The relay of the links has ended: its process was ended by SIGKILL.");
    await expect(set("node0", "node1", {})).rejects.toThrow("has ended");
  });
});
