import { crc32 } from "node:zlib";
import { writeTransactions } from "../engine/consensus/block.ts";
import { readUint64, uint16, uint64 } from "../engine/consensus/bytes.ts";
import type { Slot } from "../engine/consensus/committee.ts";

/** What a record holds. Numbers are part of the format. */
export const recordTags = {
  /** First of each segment: whose log it is, and how the segment follows from the one before. */
  header: 1,
  block: 2,
  ownBlock: 3,
  transactions: 4,
  commit: 5,
  /** Part of an encoded checkpoint. */
  checkpoint: 6,
  /** Ref of the own highest block. */
  lastOwn: 7,
  /** The segment's opening ends here. */
  opened: 8,
} as const;

/** One record: [length u32][crc32 u32][tag u8][payload]; length and checksum cover tag and payload. */
export interface LogRecord {
  readonly tag: number;
  readonly payload: Buffer;
}

/** Bytes before a record's payload. */
export const recordOverheadBytes = 9;

/** Largest payload: a block with room to spare. */
export const largestPayloadBytes = 8 * 1024 * 1024;

/** The nine bytes before a payload of these parts. */
export function buildRecordHead(tag: number, parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.allocUnsafe(recordOverheadBytes);
  head.writeUInt8(tag, 8);
  let checksum = crc32(head.subarray(8));
  let length = 1;
  for (const part of parts) {
    checksum = crc32(part, checksum);
    length += part.length;
  }
  head.writeUInt32BE(length, 0);
  head.writeUInt32BE(checksum, 4);
  return head;
}

/** Reads the record at an offset: undefined where the bytes hold no whole, sound one. The payload is a view. */
export function readRecord(bytes: Buffer, offset: number): LogRecord | undefined {
  if (offset + recordOverheadBytes > bytes.length) return undefined;
  const length = bytes.readUInt32BE(offset);
  const end = offset + 8 + length;
  if (length < 1 || length > largestPayloadBytes || end > bytes.length) return undefined;
  const body = bytes.subarray(offset + 8, end);
  if (crc32(body) !== bytes.readUInt32BE(offset + 4)) return undefined;
  return { tag: body.readUInt8(0), payload: body.subarray(1) };
}

/**
 * How far behind an unsound record at the beginning of these bytes the next sound one begins: 0 where only a bit of its
 * length was wrong, which is mended. A torn tail has none.
 */
export function skipUnsound(bytes: Buffer): number | undefined {
  if (bytes.length < recordOverheadBytes) return undefined;
  const length = bytes.readUInt32BE(0);
  for (let bit = 0; bit < 32; bit++) {
    // The checksum does not cover the length, and so tells the right one.
    bytes.writeUInt32BE((length ^ (1 << bit)) >>> 0, 0);
    if (readRecord(bytes, 0) !== undefined) return 0;
  }
  bytes.writeUInt32BE(length, 0);
  const next = 8 + length;
  return readRecord(bytes, next) === undefined ? undefined : next;
}

/** What a commit record says, to be compared with what recovery finds again. */
export interface CommitRecord {
  readonly height: number;
  readonly leaderDigest: Buffer;
  /** Covers the digests of all ordered blocks. */
  readonly appHash: Buffer;
  readonly cursor: Slot;
}

export function encodeCommit({ height, leaderDigest, appHash, cursor }: CommitRecord): Buffer {
  return Buffer.concat([uint64(height), leaderDigest, appHash, uint64(cursor.round), uint16(cursor.rank)]);
}

export function decodeCommit(bytes: Buffer): CommitRecord | undefined {
  if (bytes.length !== 82) return undefined;
  const height = readUint64(bytes, 0);
  const round = readUint64(bytes, 72);
  if (height === undefined || round === undefined) return undefined;
  return {
    height,
    leaderDigest: bytes.subarray(8, 40),
    appHash: bytes.subarray(40, 72),
    cursor: { round, rank: bytes.readUInt16BE(80) },
  };
}

/** How a segment follows from the one before. */
export const segmentKinds = {
  /** Nothing stands before it. */
  genesis: 0,
  /** Its checkpoint is the state that the one before ends with. */
  next: 1,
  /** Its checkpoint came from others: what stands before it counts no more. */
  adopted: 2,
} as const;

export type SegmentKind = keyof typeof segmentKinds;

/** A record of accepted transactions: each with its length before it. */
export function encodeTransactions(transactions: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.allocUnsafe(transactions.reduce((sum, each) => sum + 4 + each.length, 0));
  writeTransactions(bytes, 0, transactions);
  return bytes;
}

/** The transactions of a record, copied out of it. */
export function decodeTransactions(bytes: Buffer): Buffer[] {
  const transactions: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    transactions.push(Buffer.from(bytes.subarray(at + 4, end)));
    at = end;
  }
  return transactions;
}
