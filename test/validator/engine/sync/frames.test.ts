import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildRef } from "../../../../src/validator/engine/consensus/block.ts";
import { buildFrame, FrameReader, PeerViolationError } from "../../../../src/validator/engine/sync/frames.ts";
import {
  decodeMessage,
  encodeMessage,
  type Message,
} from "../../../../src/validator/engine/sync/messages.ts";

const anyRef = fc
  .tuple(fc.nat(0xffff), fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([author, round, digest]) => buildRef(author, round, Buffer.from(digest)));
const anyEntries = fc
  .uniqueArray(fc.integer({ min: 1, max: 1e12 }), { maxLength: 64 })
  .map((heights) => heights.sort((a, b) => a - b))
  .chain((heights) =>
    fc.tuple(
      ...heights.map((height) =>
        fc.record({
          height: fc.constant(height),
          stateHash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
          sizeBytes: fc.maxSafeNat(),
        }),
      ),
    ),
  );
const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant("subscribe" as const), fromRound: fc.maxSafeNat(), credit: fc.nat() }),
  fc.record({
    type: fc.constant("block" as const),
    encoded: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ type: fc.constantFrom("request" as const, "missing" as const), refs: fc.array(anyRef) }),
  fc.record({
    type: fc.constant("range" as const),
    author: fc.nat(0xffff),
    from: fc.maxSafeNat(),
    to: fc.maxSafeNat(),
  }),
  fc.record({
    type: fc.constant("checkpoints" as const),
    oldestHeight: fc.maxSafeNat(),
    entries: anyEntries,
  }),
  fc.record({
    type: fc.constant("checkpointRequest" as const),
    height: fc.maxSafeNat(),
    offset: fc.maxSafeNat(),
  }),
  fc.record({
    type: fc.constant("checkpointPart" as const),
    height: fc.maxSafeNat(),
    offset: fc.maxSafeNat(),
    bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  }),
);

describe("frames and messages", () => {
  test("come out as they went in, however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 8 }), fc.array(fc.nat(50)), (messages, cuts) => {
        const stream = Buffer.concat(messages.flatMap(encodeMessage));
        const reader = new FrameReader(10_000);
        const read: Message[] = [];
        let at = 0;
        for (const length of [...cuts, stream.length]) {
          for (const frame of reader.push(stream.subarray(at, at + length))) read.push(decodeMessage(frame));
          at = Math.min(stream.length, at + length);
        }
        expect(read).toEqual(messages);
      }),
    );
  });

  test("a frame longer than allowed is refused as soon as its length is read", () => {
    const reader = new FrameReader(10);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(11);
    expect(() => [...reader.push(length)]).toThrow(PeerViolationError);
    expect(() => [...new FrameReader(10).push(Buffer.alloc(4))]).toThrow(PeerViolationError);
  });

  test("payloads of any kind are decoded or refused, nothing else", () => {
    fc.assert(
      fc.property(fc.nat(12), fc.uint8Array({ maxLength: 100 }), (type, payload) => {
        try {
          decodeMessage({ type, payload: Buffer.from(payload) });
        } catch (error) {
          expect(error).toBeInstanceOf(PeerViolationError);
        }
      }),
    );
    const tooMany = Buffer.alloc(101 * 42);
    expect(() => decodeMessage({ type: 5, payload: tooMany })).toThrow(PeerViolationError);
    const height = Buffer.alloc(48, 1);
    const twice = Buffer.concat([Buffer.alloc(8), height, height]);
    expect(() => decodeMessage({ type: 9, payload: twice })).toThrow(PeerViolationError);
    expect(Buffer.concat(buildFrame(7)).toString("hex")).toBe("0000000107");
  });
});
