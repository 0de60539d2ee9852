/** The head of each packet of our flows, big-endian: sequence number, time of sending, picture, its parts. The rest is zeros. */
import { headBytes } from "../config.ts";

export interface Head {
  readonly sequence: number;
  /** By the sender's clock, milliseconds since 1970. */
  readonly sentAtMs: number;
  /** Of a video: number of the picture, and of how many packets it is. */
  readonly frame: number;
  readonly parts: number;
}

export function writeHead(packet: Buffer, { sequence, sentAtMs, frame, parts }: Head): void {
  packet.writeUInt32BE(sequence >>> 0, 0);
  packet.writeDoubleBE(sentAtMs, 4);
  packet.writeUInt32BE(frame >>> 0, 12);
  packet.writeUInt16BE(parts, 16);
}

/** undefined of what is no packet of ours. */
export function readHead(packet: Buffer): Head | undefined {
  if (packet.length < headBytes) return undefined;
  const sentAtMs = packet.readDoubleBE(4);
  if (!Number.isFinite(sentAtMs)) return undefined;
  return {
    sequence: packet.readUInt32BE(0),
    sentAtMs,
    frame: packet.readUInt32BE(12),
    parts: packet.readUInt16BE(16),
  };
}
