import { expect, test } from "vitest";
import { pcapngOf } from "../../../src/peer/host/pcapng.ts";

/** A pcap file of Ethernet frames, as tcpdump writes it. */
function pcap(
  packets: readonly { readonly secs: number; readonly micros: number; readonly bytes: Buffer }[],
): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(256, 16);
  head.writeUInt32LE(1, 20);
  const rest = packets.map(({ secs, micros, bytes }) => {
    const own = Buffer.alloc(16);
    own.writeUInt32LE(secs, 0);
    own.writeUInt32LE(micros, 4);
    own.writeUInt32LE(bytes.length, 8);
    own.writeUInt32LE(bytes.length + 100, 12);
    return Buffer.concat([own, bytes]);
  });
  return Buffer.concat([head, ...rest]);
}

/** Type and content of each block, by the lengths at both of its ends. */
function blocksOf(file: Buffer): { readonly type: number; readonly content: Buffer }[] {
  const blocks = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at + 4);
    expect(file.readUInt32LE(at + length - 4)).toBe(length);
    blocks.push({ type: file.readUInt32LE(at), content: file.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
}

test("each packet keeps its time, its bytes, and how long it was; the interface has its name", () => {
  const bytes = Buffer.from("packet");
  const [section, description, ...packets] = blocksOf(
    pcapngOf(
      pcap([
        { secs: 1_790_000_000, micros: 999_999, bytes },
        { secs: 1, micros: 2, bytes },
      ]),
      "link1",
    ),
  );
  expect(section?.content.readUInt32LE(0)).toBe(0x1a2b3c4d);
  expect(description?.content.toString("latin1")).toContain("link1");
  expect(packets.map(({ type }) => type)).toEqual([6, 6]);
  const [first] = packets;
  const high = first?.content.readUInt32LE(4) ?? 0;
  expect(high * 2 ** 32 + (first?.content.readUInt32LE(8) ?? 0)).toBe(1_790_000_000_999_999);
  expect([first?.content.readUInt32LE(12), first?.content.readUInt32LE(16)]).toEqual([6, 106]);
  expect(first?.content.subarray(20, 26).toString()).toBe("packet");
});

test("half a packet at the end is left out, and what is no dump is refused", () => {
  const whole = pcap([{ secs: 1, micros: 2, bytes: Buffer.from("packet") }]);
  expect(blocksOf(pcapngOf(whole.subarray(0, -1), "link1"))).toHaveLength(2);
  expect(() => pcapngOf(Buffer.from("no dump at all, however long"), "link1")).toThrow(
    /dump of link1 is no pcap/,
  );
});
