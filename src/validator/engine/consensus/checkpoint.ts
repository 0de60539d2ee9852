import { createHash } from "node:crypto";
import { compareBlocks, digestBytes, readRef, refBytes, writeRef } from "./block.ts";
import { readUint64, uint16, uint32, uint64, writeUint64 } from "./bytes.ts";
import type { Slot } from "./committee.ts";
import type { CommittedBlock, DagStart } from "./dag.ts";
import { dedupWindowHeights, keyBytes, type LedgerState } from "./ledger.ts";

/**
 * All that the commits up to a height come to, and that later ones depend on: whoever starts from it commits the same
 * from there on. It follows from the commit sequence alone, so that all honest validators make the same one.
 */
export interface Checkpoint extends LedgerState, DagStart {
  /** Slot of the leader whose commit made this height. */
  readonly cursor: Slot;
}

export interface CheckpointSummary {
  readonly height: number;
  /** `stateHash` of the encoded checkpoint, 32 bytes: the same on all honest validators. */
  readonly stateHash: Buffer;
  readonly sizeBytes: number;
}

export interface EncodedCheckpoint extends CheckpointSummary {
  readonly encoded: Buffer;
}

/** The checkpoints that a validator can give to others, ascending by height. */
export interface CheckpointSource {
  /** The height that the retained history begins after: 0 where it is all there. */
  readonly oldestHeight: () => number;
  readonly list: () => readonly CheckpointSummary[];
  /** The encoded checkpoint of a height in `list`; undefined where it is not there any more. */
  readonly read: (height: number) => Buffer | undefined;
}

/** height, hash, appHash, time, cursor (round, rank), gcRound, number of committed blocks, number of heights. */
const headBytes = 8 + 2 * digestBytes + 8 + 8 + 2 + 8 + 4 + 4;
const committedBytes = refBytes + 8;

/** Names an encoded checkpoint: SHA-256 over a domain tag and the bytes. */
export function stateHash(encoded: Uint8Array): Buffer {
  return createHash("sha256").update("baleen/mysticeti/checkpoint/1\0").update(encoded).digest();
}

/** An encoded checkpoint of a height, with what names it. */
export function nameCheckpoint(height: number, encoded: Buffer): EncodedCheckpoint {
  return { height, stateHash: stateHash(encoded), sizeBytes: encoded.length, encoded };
}

/** @param checkpoint its committed blocks sorted by `compareBlocks` */
export function encodeCheckpoint(checkpoint: Checkpoint): EncodedCheckpoint {
  const { height, hash, appHash, timeMs, cursor, gcRound, committed, window } = checkpoint;
  const head = [uint64(height), hash, appHash, uint64(timeMs), uint64(cursor.round), uint16(cursor.rank)];
  const counts = [uint64(gcRound), uint32(committed.length), uint32(window.length)];
  const blocks = Buffer.allocUnsafe(committed.length * committedBytes);
  let at = 0;
  for (const { ref, timestampMs } of committed) {
    at = writeUint64(blocks, writeRef(blocks, at, ref), timestampMs);
  }
  const heights = window.flatMap((keys) => [uint32(keys.length / keyBytes), keys]);
  const encoded = Buffer.concat([...head, ...counts, blocks, ...heights]);
  return nameCheckpoint(height, encoded);
}

/**
 * Reads an encoded checkpoint. Its structure is checked; whether it is the right one, its hash says.
 *
 * @param encoded kept by the result
 * @returns undefined where the bytes are not a checkpoint's
 */
export function decodeCheckpoint(encoded: Buffer): Checkpoint | undefined {
  if (encoded.length < headBytes) return undefined;
  const [height, timeMs, round, gcRound] = [0, 72, 80, 90].map((at) => readUint64(encoded, at));
  if (!height || timeMs === undefined || !round || gcRound === undefined) return undefined;
  const committed = readCommitted(encoded, encoded.readUInt32BE(98));
  const end = committed && headBytes + committed.length * committedBytes;
  const window = end && readWindow(encoded, end, encoded.readUInt32BE(102));
  if (!committed || !window || !committed.every(({ ref }) => ref.round > gcRound)) return undefined;
  return {
    height,
    hash: encoded.subarray(8, 40),
    appHash: encoded.subarray(40, 72),
    timeMs,
    cursor: { round, rank: encoded.readUInt16BE(88) },
    gcRound,
    committed,
    window,
  };
}

/** undefined where they are not that many, or not in order. */
function readCommitted(encoded: Buffer, count: number): CommittedBlock[] | undefined {
  if (count < 1 || headBytes + count * committedBytes > encoded.length) return undefined;
  const committed: CommittedBlock[] = [];
  for (let at = headBytes; committed.length < count; at += committedBytes) {
    const ref = readRef(encoded, at);
    const timestampMs = readUint64(encoded, at + refBytes);
    if (ref === undefined || timestampMs === undefined) return undefined;
    const last = committed.at(-1);
    if (last !== undefined && compareBlocks(last, { ref }) >= 0) return undefined;
    committed.push({ ref, timestampMs });
  }
  return committed;
}

/** undefined where they do not fill the rest exactly. */
function readWindow(encoded: Buffer, start: number, count: number): Buffer[] | undefined {
  if (count > dedupWindowHeights) return undefined;
  const window: Buffer[] = [];
  let at = start;
  for (; window.length < count; ) {
    if (at + 4 > encoded.length) return undefined;
    const end = at + 4 + encoded.readUInt32BE(at) * keyBytes;
    if (end > encoded.length) return undefined;
    window.push(encoded.subarray(at + 4, end));
    at = end;
  }
  return at === encoded.length ? window : undefined;
}
