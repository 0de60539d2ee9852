import { expect, test } from "vitest";
import {
  addressNumber,
  bindMessages,
  emptyPacket,
  readMessage,
  verdictBytes,
  verdicts,
  writeVerdict,
} from "../../../src/shaper/kernel/messages.ts";
import { parseDrops } from "../../../src/shaper/kernel/queue.ts";

const attribute = (type: number, hex: string) => {
  const value = Buffer.from(hex, "hex");
  const head = Buffer.from([4 + value.length, 0, type, 0]);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
};
const message = (...parts: Buffer[]) => {
  const body = Buffer.concat([Buffer.from("02000007", "hex"), ...parts]);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(16 + body.length, 0);
  head.writeUInt16LE(0x300, 4);
  return Buffer.concat([head, body]);
};
const header = attribute(1, "000000090800 00".replaceAll(" ", ""));
const ipHeader = "4500fff0000040004011000a0a4d00010a4d0002";

test("a packet's number, sender, whole length and stamp are read", () => {
  const packet = emptyPacket();
  const stamp = attribute(4, "00000000650000000000000000001388");
  const whole = message(header, stamp, attribute(13, "0000fff0"), attribute(10, ipHeader));
  expect(readMessage(whole, 0, whole.length, packet)).toBe("packet");
  expect(packet).toEqual({
    packet: 9,
    bytes: 0xfff0,
    source: addressNumber("10.77.0.1"),
    isOutgoing: false,
    arrivedWallMs: 0x65000000 * 1000 + 5,
  });
});

test("a packet that was copied whole has the length of the copy, and nothing of the packet before it", () => {
  const packet = { packet: 1, bytes: 1, source: 1, isOutgoing: true, arrivedWallMs: 1 };
  const whole = message(header, attribute(10, ipHeader));
  readMessage(whole, 0, whole.length, packet);
  expect(packet).toEqual({
    packet: 9,
    bytes: 20,
    source: 0x0a4d0001,
    isOutgoing: false,
    arrivedWallMs: undefined,
  });
});

test("a packet of a program in the namespace goes out", () => {
  const packet = emptyPacket();
  const whole = message(attribute(1, "00000009080003"), attribute(10, ipHeader));
  readMessage(whole, 0, whole.length, packet);
  expect(packet.isOutgoing).toBe(true);
});

test("what is no IPv4 has no sender", () => {
  const packet = emptyPacket();
  const whole = message(attribute(1, "0000000986dd00"), attribute(10, ipHeader));
  expect(readMessage(whole, 0, whole.length, packet)).toBe("packet");
  expect(packet.source).toBeUndefined();
});

test("errors are told by their number; what is cut off, or of another kind, is no packet", () => {
  const error = Buffer.alloc(36);
  error.writeUInt32LE(36, 0);
  error.writeUInt16LE(2, 4);
  error.writeInt32LE(-16, 16);
  expect(readMessage(error, 0, 36, emptyPacket())).toBe(16);
  const whole = message(header);
  for (let length = 0; length < whole.length - 1; length++) {
    expect(readMessage(whole, 0, length, emptyPacket()), `${length}`).toBe("other");
  }
  whole.writeUInt16LE(0x301, 4);
  expect(readMessage(whole, 0, whole.length, emptyPacket())).toBe("other");
});

test("a verdict has the form that the kernel takes", () => {
  const bytes = Buffer.alloc(verdictBytes);
  writeVerdict(bytes, 0, { queue: 7, packet: 0x01020304, verdict: verdicts.accept });
  expect(bytes.toString("hex")).toBe(
    "20000000010301000000000000000000" + "00000007" + "0c000200" + "00000001" + "01020304",
  );
});

test("a queue is taken with the copy range, its length and its flags", () => {
  const [bind, configure] = bindMessages(7).map((one) => one.subarray(20).toString("hex"));
  expect(bind).toBe("0800010001000000");
  expect(configure).toBe(
    "09000200" + "0000002802000000" + "08000300000186a0" + "0800040000000005" + "0800050000000004",
  );
});

test("the kernel's drops stand in the row of the queue", () => {
  const text = "    3  1 0 2 40 9 9 1 1\n    7  4242     3 2    40     5     6     1234  1\n";
  expect(parseDrops(text, 7)).toEqual({ queueDropped: 5, userDropped: 6 });
  expect(parseDrops("", 7)).toEqual({ queueDropped: 0, userDropped: 0 });
});
