import { expect, test } from "vitest";
import { kinds, makeReply, packetBytes, readPacket, writePacket } from "../../../src/shaper/probe/packets.ts";

const packet = { kind: kinds.request, nonce: 2 ** 32 - 1, run: 1, pair: 89, seq: 9999, sentMs: 12_345.678 };

test("a packet is read as it was written, and its reply differs in its kind", () => {
  const bytes = Buffer.alloc(packetBytes);
  writePacket(bytes, packet);
  expect(readPacket(bytes)).toEqual(packet);
  makeReply(bytes);
  expect(readPacket(bytes)).toEqual({ ...packet, kind: kinds.reply });
});

test.each([0, 1, packetBytes - 1, packetBytes, packetBytes + 1])("%d other bytes are no packet", (length) => {
  expect(readPacket(Buffer.alloc(length, 7))).toBeUndefined();
});
