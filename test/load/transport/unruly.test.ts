/** Servers that do whatever a server may do, and more: every transaction ends once, in time. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { startBatchServer } from "./batch/server.ts";
import { drive } from "./drive.ts";
import { accepted, idOf, refused } from "./replies.ts";
import { frame, startScripted } from "./websocket/server.ts";

const settings = { numRuns: 40, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false };
const options = { count: 60, connections: 3, inFlightPerConnection: 3, requestTimeoutMs: 150 };
const garbage = fc.uint8Array({ minLength: 1, maxLength: 60 });

/** What a server does with its next reply. `bytes`: the proper one. */
type Deed = (send: (bytes: Buffer) => void, bytes: Buffer, end: (reset: boolean) => void) => void;

const deeds: fc.Arbitrary<Deed>[] = [
  fc.constant((send, bytes) => send(bytes)),
  fc.nat().map((place) => (send, bytes) => {
    const at = place % bytes.length;
    send(bytes.subarray(0, at));
    setImmediate(() => send(bytes.subarray(at)));
  }),
  fc.nat(40).map((ms) => (send, bytes) => void setTimeout(() => send(bytes), ms)),
  fc.constant(() => {}),
  fc.constant((send, bytes) => send(Buffer.concat([bytes, bytes]))),
  fc.tuple(fc.nat(), fc.boolean()).map(([place, reset]) => (send, bytes, end) => {
    send(bytes.subarray(0, place % bytes.length));
    end(reset);
  }),
  fc.tuple(garbage, fc.nat()).map(([some, place]) => (send, bytes) => {
    const changed = Buffer.from(bytes);
    changed.set(some.subarray(0, bytes.length), place % Math.max(1, bytes.length - some.length));
    send(changed);
  }),
  garbage.map((some) => (send) => send(Buffer.from(some))),
];
const usually = (rare: fc.Arbitrary<Deed>[]) =>
  fc.array(fc.oneof({ weight: 3 * rare.length, arbitrary: deeds[0] as fc.Arbitrary<Deed> }, ...rare), {
    minLength: 1,
    maxLength: 30,
  });

/** @returns how many ended */
const total = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, one) => sum + one, 0);

const webSocketDeeds: fc.Arbitrary<Deed>[] = [
  ...deeds,
  fc.constant((send) => send(frame("{}", 0x82))),
  fc.constant((send) => send(frame("", 0x88))),
  fc.constant((send, bytes) => send(Buffer.concat([frame("", 0x89), bytes, frame("x", 0x8a)]))),
  fc.constant((send, bytes) =>
    send(Buffer.concat([frame("{", 0x01), frame("", 0x89), frame("}", 0x80), bytes])),
  ),
  fc.constant((send) => send(frame(accepted(7)))),
  fc.constant((send) => send(frame(refused(null)))),
  fc.constant((send) => send(frame("[".repeat(500)))),
  fc.constant((send) => send(Buffer.from([0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255]))),
];

test("an unruly WebSocket server", { timeout: 90_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(usually(webSocketDeeds), async (script) => {
      let replies = 0;
      await using server = await startScripted({
        message: (text, { socket }) => {
          const deed = script[replies++ % script.length] as Deed;
          const end = (reset: boolean) => (reset ? socket.resetAndDestroy() : socket.end());
          deed((bytes) => void (socket.writable && socket.write(bytes)), frame(accepted(idOf(text))), end);
        },
      });
      const { counts } = await drive({ kind: "websocket", port: server.port, ...options });
      expect(total(counts)).toBe(options.count);
    }),
    settings,
  );
});

const http = (body: string, head = "") =>
  `HTTP/1.1 200 OK\r\n${head}content-length: ${body.length}\r\n\r\n${body}`;
const httpDeeds: fc.Arbitrary<Deed>[] = [
  ...deeds,
  fc.constant((send, bytes) => send(Buffer.concat([Buffer.from("HTTP/1.1 100 Continue\r\n\r\n"), bytes]))),
  fc.constant((send) => send(Buffer.from("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"))),
  fc.constant((send) =>
    send(Buffer.from("HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n")),
  ),
  fc.constant((send) => send(Buffer.from(http("[]")))),
  fc.constant((send) => send(Buffer.from(http(`[${accepted(7)}]`)))),
  fc.constant((send) => send(Buffer.from(http("[null,[],1,{}]")))),
  fc.constant((send) => send(Buffer.from(http("{}", "connection: close\r\n")))),
  fc.constant((send) => send(Buffer.from(http("{}", `x: ${"y".repeat(40_000)}\r\n`)))),
  fc.constant((send, _, end) => {
    send(Buffer.from("HTTP/1.1 200 OK\r\n\r\n[]"));
    end(false);
  }),
];

test("an unruly HTTP server", { timeout: 90_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(usually(httpDeeds), async (script) => {
      let replies = 0;
      await using server = await startBatchServer(({ bodies, socket }) => {
        const deed = script[replies++ % script.length] as Deed;
        const end = (reset: boolean) => (reset ? socket.resetAndDestroy() : socket.end());
        const body = `[${bodies.map(({ id }) => accepted(id)).join(",")}]`;
        deed((bytes) => void (socket.writable && socket.write(bytes)), Buffer.from(http(body)), end);
      });
      const { counts } = await drive({ kind: "http-batch", batchSize: 4, port: server.port, ...options });
      expect(total(counts)).toBe(options.count);
    }),
    settings,
  );
});
