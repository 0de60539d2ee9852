import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildFrame, FrameReader, opcodes } from "../../../../src/load/transport/websocket/frames.ts";
import { frame } from "./server.ts";

const largestBytes = 200_000;

function read(pieces: readonly Buffer[]) {
  const reported: { opcode: number; payload: string }[] = [];
  const reader = new FrameReader(
    {
      message: (bytes, start, end) =>
        reported.push({ opcode: 1, payload: bytes.toString("latin1", start, end) }),
      control: (opcode, payload) => reported.push({ opcode, payload: payload.toString("latin1") }),
    },
    largestBytes,
  );
  for (const piece of pieces) {
    // The reader of a socket uses its bytes again.
    const own = Buffer.concat([piece, Buffer.alloc(40, frame("stale"))]);
    const fault = reader.push(own, piece.length);
    own.fill("!");
    if (fault !== undefined) return { reported, fault, isWithin: reader.isWithin };
  }
  return { reported, fault: undefined, isWithin: reader.isWithin };
}

/** The same bytes in pieces. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom(125, 126, 127, 65_535, 65_536, 100_000).map((length) => new Uint8Array(length).fill(97)),
);
const control = fc.record({
  opcode: fc.constantFrom(opcodes.close, opcodes.ping, opcodes.pong),
  payload: fc.uint8Array({ maxLength: 125 }),
});
/** A message in one frame or several, with control frames between them. */
const message = fc.record({
  parts: fc.array(payload, { minLength: 1, maxLength: 4 }),
  between: fc.array(control, { maxLength: 2 }),
});
const places = fc.array(fc.nat(), { maxLength: 20 });

test("messages and control frames are the same however their bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), places, (messages, cuts) => {
      const wanted: { opcode: number; payload: string }[] = [];
      const frames: Buffer[] = [];
      for (const { parts, between } of messages) {
        if (parts.reduce((sum, { length }) => sum + length, 0) > largestBytes) continue;
        for (const [index, part] of parts.entries()) {
          const isLast = index === parts.length - 1;
          const opcode = index === 0 ? opcodes.text : opcodes.continuation;
          frames.push(frame(Buffer.from(part), (isLast ? 0x80 : 0) | opcode));
          for (const one of isLast ? [] : between) {
            frames.push(frame(Buffer.from(one.payload), 0x80 | one.opcode));
            wanted.push({ opcode: one.opcode, payload: Buffer.from(one.payload).toString("latin1") });
          }
        }
        wanted.push({ opcode: 1, payload: Buffer.concat(parts).toString("latin1") });
      }
      expect(read(cut(Buffer.concat(frames), cuts))).toEqual({
        reported: wanted,
        fault: undefined,
        isWithin: false,
      });
    }),
    { numRuns: 300 },
  );
});

test("any bytes are read without a throw, and the same however they are cut", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(
        fc.tuple(fc.constantFrom(0x81, 0x01, 0x80, 0x89, 0x88, 0x82, 0xc1), fc.uint8Array({ maxLength: 20 })),
      )
      .map((all) =>
        Uint8Array.from(Buffer.concat(all.map(([first, rest]) => frame(Buffer.from(rest), first)))),
      ),
  );
  fc.assert(
    fc.property(bytes, places, (some, cuts) => {
      const whole = read([Buffer.from(some)]);
      const pieces = read(cut(Buffer.from(some), cuts));
      expect({ reported: pieces.reported, fault: pieces.fault }).toEqual({
        reported: whole.reported,
        fault: whole.fault,
      });
    }),
    { numRuns: 1000 },
  );
});

describe("what is no message has a code", () => {
  const long = Buffer.from([0x81, 127, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  const huge = Buffer.from([0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  test.each([
    ["a reserved bit", frame("{}", 0xc1), "WS_MALFORMED"],
    ["a reserved opcode", frame("{}", 0x83), "WS_MALFORMED"],
    ["a reserved control opcode", frame("", 0x8b), "WS_MALFORMED"],
    ["a mask", Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]), "WS_MALFORMED"],
    ["a continuation of nothing", frame("{}", 0x80), "WS_MALFORMED"],
    ["a message within another", Buffer.concat([frame("{", 0x01), frame("}", 0x81)]), "WS_MALFORMED"],
    ["a ping in parts", frame("", 0x09), "WS_MALFORMED"],
    ["a long ping", frame("p".repeat(126), 0x89), "WS_MALFORMED"],
    ["a binary message", frame("{}", 0x82), "WS_BINARY"],
    ["a message that is too long, by its head", long, "WS_MESSAGE_TOO_LARGE"],
    ["a message longer than any", huge, "WS_MESSAGE_TOO_LARGE"],
    [
      "a message that is too long in parts",
      Buffer.concat([frame("a".repeat(150_000), 0x01), frame("a".repeat(60_000), 0)]),
      "WS_MESSAGE_TOO_LARGE",
    ],
  ])("%s", (_, bytes, fault) => {
    expect(read([bytes])).toMatchObject({ reported: [], fault });
  });

  test("an unfinished frame or message is known as one", () => {
    expect(read([frame("{}").subarray(0, 3)]).isWithin).toBe(true);
    expect(read([frame("{", 0x01)]).isWithin).toBe(true);
    expect(read([frame("{}")]).isWithin).toBe(false);
  });
});

test("a client's frame has a zero mask, and a length of any size", () => {
  for (const length of [0, 125, 126, 65_535, 65_536]) {
    const bytes = buildFrame(opcodes.text, Buffer.alloc(length, "a"));
    const mask = bytes.subarray(bytes.length - length - 4, bytes.length - length);
    expect(mask).toEqual(Buffer.alloc(4));
    expect(bytes[1]).toBe(0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127));
    expect(bytes.length).toBe(length + (length < 126 ? 6 : length < 65_536 ? 8 : 14));
  }
});
