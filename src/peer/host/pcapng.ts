/** Dumps as tcpdump writes them (pcap), made into pcapng with the name of the interface. Pure. */

const pcapHeadBytes = 24;
const packetHeadBytes = 16;
const magicMicroseconds = 0xa1b2c3d4;

/** Options of blocks: code, length, value, filled up to four bytes. */
function option(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

/** A block: type, length, content, length. */
function block(type: number, content: Buffer): Buffer {
  const length = content.length + 12;
  const [head, tail] = [Buffer.alloc(8), Buffer.alloc(4)];
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, content, tail]);
}

/**
 * @param pcap little-endian, with times in microseconds since 1970; what follows its last whole packet is left out
 * @param iface name of the interface
 * @throws TypeError of what is no such file
 * @see https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html
 */
export function pcapngOf(pcap: Buffer, iface: string): Buffer {
  if (pcap.length < pcapHeadBytes || pcap.readUInt32LE(0) !== magicMicroseconds) {
    throw new TypeError(`The dump of ${iface} is no pcap file.`);
  }
  const section = Buffer.alloc(16);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt16LE(1, 4);
  section.writeBigInt64LE(-1n, 8);
  const description = Buffer.alloc(8);
  description.writeUInt16LE(pcap.readUInt32LE(20), 0);
  description.writeUInt32LE(pcap.readUInt32LE(16), 4);
  const end = Buffer.alloc(4);
  const blocks = [
    block(0x0a0d0d0a, section),
    block(1, Buffer.concat([description, option(2, Buffer.from(iface)), end])),
  ];
  for (let at = pcapHeadBytes; at + packetHeadBytes <= pcap.length; ) {
    const kept = pcap.readUInt32LE(at + 8);
    const next = at + packetHeadBytes + kept;
    if (next > pcap.length) break;
    const micros = BigInt(pcap.readUInt32LE(at)) * 1_000_000n + BigInt(pcap.readUInt32LE(at + 4));
    const head = Buffer.alloc(20);
    head.writeUInt32LE(Number(micros >> 32n), 4);
    head.writeUInt32LE(Number(micros & 0xffff_ffffn), 8);
    head.writeUInt32LE(kept, 12);
    head.writeUInt32LE(pcap.readUInt32LE(at + 12), 16);
    blocks.push(block(6, Buffer.concat([head, padded(pcap.subarray(at + packetHeadBytes, next))])));
    at = next;
  }
  return Buffer.concat(blocks);
}
