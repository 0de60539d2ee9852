import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Relay, startRelay } from "../../benchmarks/suite/relay.ts";
import { delay, until } from "../../src/core/async.ts";

const mebibyte = 1024 * 1024;

/** A server behind a relay, and a connection to it through the relay. */
async function connectThrough(oneWayDelayMs: number, serve: (socket: Socket) => void): Promise<Socket> {
  const relay: Relay = await startRelay({ links: 1, oneWayDelayMs });
  const server = createServer({ noDelay: true, allowHalfOpen: true }, serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const [port = 0] = relay.ports;
  relay.route({ port, target: (server.address() as AddressInfo).port });
  const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  onTestFinished(async () => {
    socket.destroy();
    server.close();
    await relay[Symbol.asyncDispose]();
  });
  await once(socket, "connect");
  return socket;
}

/** How late this machine's timers are at the moment: the quicker quarter of some. */
async function timerLatenessMs(waitMs: number): Promise<number> {
  const lateMs: number[] = [];
  for (let i = 0; i < 20; i++) {
    const startMs = performance.now();
    await delay(waitMs);
    lateMs.push(performance.now() - startMs - waitMs);
  }
  return lateMs.sort((a, b) => a - b)[5] ?? 0;
}

describe("a relay with a delay", () => {
  test.each([0, 1, 10, 50])("makes a round trip %i ms longer one way, and the other", async (delayMs) => {
    const socket = await connectThrough(delayMs, (peer) => peer.pipe(peer));
    const tripsMs: number[] = [];
    for (let i = 0; i < 40; i++) {
      const sentMs = performance.now();
      socket.write(`${i}`);
      await once(socket, "data");
      tripsMs.push(performance.now() - sentMs);
    }
    tripsMs.sort((a, b) => a - b);
    const extraMs = tripsMs.map((trip) => trip - 2 * delayMs);
    expect(extraMs[0]).toBeGreaterThan(-2);
    // A busy machine makes some slower: the quicker ones tell how exact the relay is, beside the machine's own timers.
    expect(extraMs[10]).toBeLessThan(3 + 2 * (await timerLatenessMs(delayMs)));
  });

  test("lets many be on the way at once, and keeps their order", async () => {
    const payload = randomBytes(8 * mebibyte);
    const received: Buffer[] = [];
    const socket = await connectThrough(50, (peer) => peer.pipe(peer));
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    for (let at = 0; at < payload.length; at += 10_000) socket.write(payload.subarray(at, at + 10_000));
    socket.end();
    await once(socket, "end");
    expect(Buffer.concat(received).equals(payload)).toBe(true);
  });

  test("takes no more than a bounded number of bytes for a receiver that does not read, and loses none", async () => {
    const total = 128 * mebibyte;
    let peer: Socket | undefined;
    const socket = await connectThrough(10, (accepted) => {
      peer = accepted.pause();
    });
    const chunk = randomBytes(mebibyte);
    for (let bytes = 0; bytes < total; bytes += chunk.length) socket.write(chunk);
    socket.end();
    let [left, sinceMs] = [socket.writableLength, performance.now()];
    await until(
      () => {
        if (socket.writableLength !== left) [left, sinceMs] = [socket.writableLength, performance.now()];
        return peer !== undefined && performance.now() - sinceMs > 1_000 ? true : undefined;
      },
      { timeoutMs: 60_000, everyMs: 10, describe: () => `still taking: ${left} bytes are left` },
    );
    // What the operating system buffers for the four sockets comes on top of the relay's own.
    expect(total - left).toBeLessThan(64 * mebibyte);
    let read = 0;
    peer?.on("data", (bytes: Buffer) => {
      read += bytes.length;
    });
    peer?.resume();
    await once(peer as Socket, "end");
    expect(read).toBe(total);
  });
});
