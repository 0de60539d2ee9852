import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { requestMaker } from "../../../../src/load/transport/pool/requests.ts";
import { messageForm } from "../../../../src/load/transport/websocket/websocket.ts";
import { mysticeti } from "../../../../src/protocol/mysticeti.ts";
import { requestFor } from "../drive.ts";

const { batch } = mysticeti.submission;
if (batch === undefined) throw new Error("no batches");
const options = { port: 1, batchSize: 1000, transactionSizeBytes: 512, connections: 256 };
const request = requestFor(options, () => {});

/** A socket that keeps what it is given until it is told to let go. */
function holdingSocket() {
  const held: Uint8Array[] = [];
  const socket = {
    get writableLength() {
      return held.reduce((sum, { length }) => sum + length, 0);
    },
    write: (bytes: Uint8Array) => held.push(bytes),
  };
  return { socket: socket as unknown as Socket, held };
}

const bytesOf = (held: readonly Uint8Array[]) =>
  [...new Set(held.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);

test.each([
  [
    "http-batch",
    () => requestMaker(request, { ...batch, head: () => Buffer.alloc(0), batchSize: 1000 }),
    1000,
  ],
  ["websocket", () => requestMaker(request, messageForm), 1],
])(
  "what sockets hold of %s requests is bounded, and none is changed meanwhile",
  (_, makeMaker, batchSize) => {
    const make = makeMaker();
    const write = (sockets: readonly ReturnType<typeof holdingSocket>[]) =>
      sockets.map(({ socket }, connection) => {
        const requests = make(1);
        for (let index = 0; index < batchSize; index++) requests.put(connection * batchSize + index);
        requests.end();
        requests.flush(socket);
        return requests;
      });
    const all = Array.from({ length: 512 }, holdingSocket);
    const made = write(all);
    const written = all.map(({ held }) => Buffer.concat(held).toString("latin1"));
    expect(new Set(written).size).toBe(512);
    // Slabs of 64 MiB, and each request of its own where there is none left.
    const requestBytes = written[0]?.length ?? 0;
    expect(bytesOf(all.flatMap(({ held }) => held))).toBeLessThan(68 * 2 ** 20 + 512 * requestBytes);
    // What ended connections held is there for the next ones, once.
    for (const one of [...made, ...made]) one.release();
    const next = Array.from({ length: 64 }, holdingSocket);
    write(next);
    const slabs = new Set(all.flatMap(({ held }) => held.map(({ buffer }) => buffer)));
    expect(next.every(({ held }) => held.every(({ buffer }) => slabs.has(buffer)))).toBe(true);
    expect(new Set(next.flatMap(({ held }) => held.map(({ buffer }) => buffer))).size).toBe(64);
  },
);

test("a socket that lets go at once needs one slab", () => {
  const make = requestMaker(request, messageForm);
  const buffers = new Set<ArrayBufferLike>();
  const socket = { writableLength: 0, write: ({ buffer }: Uint8Array) => buffers.add(buffer) };
  for (let connection = 0; connection < 100; connection++) {
    const requests = make(1);
    requests.put(connection);
    requests.end();
    requests.flush(socket as unknown as Socket);
  }
  expect(buffers.size).toBe(1);
});
