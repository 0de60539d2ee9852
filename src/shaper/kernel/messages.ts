/**
 * Messages of netfilter's queues over netlink: linux/netlink.h and linux/netfilter/nfnetlink_queue.h. Headers are in the
 * machine's byte order (little-endian on all that Node.js runs on with Linux but s390x), values in that of the network.
 */

const headerBytes = 16;
const queueHeaderBytes = headerBytes + 4;
const requestFlag = 1;
const acknowledgeFlag = 4;
const errorType = 2;
const subsystem = 3 << 8;
const types = { packet: subsystem | 0, verdict: subsystem | 1, config: subsystem | 2 } as const;
const attributes = { packetHeader: 1, timestamp: 4, payload: 10, capturedLength: 13 } as const;
const verdictAttribute = 2;
const configAttributes = { command: 1, parameters: 2, maxLength: 3, mask: 4, flags: 5 } as const;
const bindCommand = 1;
const copyPackets = 2;
const queueFlags = { failOpen: 1, gso: 4 } as const;
const ipv4Protocol = 0x0800;
const sourceOffset = 12;
/** The hook at which packets of the namespace's own programs wait (NF_INET_LOCAL_OUT). */
const outputHook = 3;

export const verdicts = { drop: 0, accept: 1 } as const;
/** Length of one verdict. */
export const verdictBytes = queueHeaderBytes + 12;

/** Bytes of a packet that are copied: the IPv4 header, in which its sender stands. */
const copyRangeBytes = 40;
/** Most packets that wait in the kernel. */
const maxQueueLength = 100_000;

const align = (length: number) => (length + 3) & ~3;

function attribute(type: number, ...bytes: number[]): Buffer {
  const encoded = Buffer.alloc(align(4 + bytes.length));
  encoded.writeUInt16LE(4 + bytes.length, 0);
  encoded.writeUInt16LE(type, 2);
  encoded.set(bytes, 4);
  return encoded;
}

const bytesOf = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

function configMessage(queue: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const message = Buffer.alloc(queueHeaderBytes + body.length);
  writeHeader(message, 0, {
    type: types.config,
    length: message.length,
    queue,
    flags: requestFlag | acknowledgeFlag,
  });
  body.copy(message, queueHeaderBytes);
  return message;
}

function writeHeader(
  message: Buffer,
  at: number,
  { type, length, queue, flags }: { type: number; length: number; queue: number; flags: number },
): void {
  message.writeUInt32LE(length, at);
  message.writeUInt16LE(type, at + 4);
  message.writeUInt16LE(flags, at + 6);
  message.writeUInt16BE(queue, at + 18);
}

/** Takes a queue. The kernel answers each of these with an error, which is 0 where it did so. */
export function bindMessages(queue: number): readonly Buffer[] {
  const { failOpen, gso } = queueFlags;
  return [
    configMessage(queue, attribute(configAttributes.command, bindCommand, 0, 0, 0)),
    configMessage(
      queue,
      attribute(configAttributes.parameters, ...bytesOf(copyRangeBytes), copyPackets),
      attribute(configAttributes.maxLength, ...bytesOf(maxQueueLength)),
      // Whole packets of up to 64 KB instead of their parts; and none passes unseen where the queue is full.
      attribute(configAttributes.mask, ...bytesOf(failOpen | gso)),
      attribute(configAttributes.flags, ...bytesOf(gso)),
    ),
  ];
}

/** Writes the verdict on one packet. */
export function writeVerdict(
  into: Buffer,
  at: number,
  { queue, packet, verdict }: { readonly queue: number; readonly packet: number; readonly verdict: number },
): void {
  writeHeader(into, at, { type: types.verdict, length: verdictBytes, queue, flags: requestFlag });
  into.writeUInt16LE(12, at + queueHeaderBytes);
  into.writeUInt16LE(verdictAttribute, at + queueHeaderBytes + 2);
  into.writeUInt32BE(verdict, at + queueHeaderBytes + 4);
  into.writeUInt32BE(packet, at + queueHeaderBytes + 8);
}

/** One packet of a queue; reused, since there are hundreds of thousands of them a second. */
export interface QueuedPacket {
  packet: number;
  /** Whole length, also of what was not copied. */
  bytes: number;
  /** IPv4 address of the sender; undefined where it is no IPv4 packet. */
  source: number | undefined;
  /** Whether it goes out of the namespace; otherwise it comes in. */
  isOutgoing: boolean;
  /** When it arrived, ms since 1970; undefined where the kernel does not say. */
  arrivedWallMs: number | undefined;
}

export const emptyPacket = (): QueuedPacket => ({
  packet: 0,
  bytes: 0,
  source: undefined,
  isOutgoing: false,
  arrivedWallMs: undefined,
});

/** What a message was: a packet (now in `packet`), an error number (0: done as asked), or neither. */
export type Received = "packet" | "other" | number;

/** Reads the message in `from` at `at`, of at most `length` bytes. One that is cut off is none. */
export function readMessage(from: Buffer, at: number, length: number, packet: QueuedPacket): Received {
  if (length < queueHeaderBytes) return "other";
  const end = at + Math.min(length, from.readUInt32LE(at));
  const type = from.readUInt16LE(at + 4);
  if (type === errorType) return -from.readInt32LE(at + headerBytes);
  if (type !== types.packet) return "other";
  let hasNumber = false;
  let isIpv4 = false;
  packet.source = undefined;
  packet.arrivedWallMs = undefined;
  packet.bytes = 0;
  for (let part = at + queueHeaderBytes; part + 4 <= end; ) {
    const partBytes = from.readUInt16LE(part);
    if (partBytes < 4 || part + partBytes > end) return "other";
    const value = part + 4;
    switch (from.readUInt16LE(part + 2)) {
      case attributes.packetHeader:
        packet.packet = from.readUInt32BE(value);
        isIpv4 = from.readUInt16BE(value + 4) === ipv4Protocol;
        packet.isOutgoing = partBytes > 10 && from[value + 6] === outputHook;
        hasNumber = true;
        break;
      case attributes.timestamp:
        // Both numbers have 64 bits; seconds need 32 of them until 2106, microseconds 20.
        packet.arrivedWallMs = from.readUInt32BE(value + 4) * 1000 + from.readUInt32BE(value + 12) / 1000;
        break;
      case attributes.capturedLength:
        packet.bytes = from.readUInt32BE(value);
        break;
      case attributes.payload:
        // Follows the whole length if the packet was cut off; otherwise it is the whole packet.
        packet.bytes ||= partBytes - 4;
        if (isIpv4 && partBytes >= 24) packet.source = from.readUInt32BE(value + sourceOffset);
        break;
    }
    part += align(partBytes);
  }
  return hasNumber ? "packet" : "other";
}

/** "10.0.0.1" as the number that stands in a packet. */
export const addressNumber = (address: string): number =>
  address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
