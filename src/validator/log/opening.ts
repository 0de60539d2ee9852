import { type Block, type BlockRef, encodeRefs } from "../engine/consensus/block.ts";
import { uint16 } from "../engine/consensus/bytes.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  type EncodedCheckpoint,
  nameCheckpoint,
} from "../engine/consensus/checkpoint.ts";
import type { BlockIndex } from "./block-store.ts";
import { LogError, startOver } from "./error.ts";
import {
  encodeTransactions,
  recordOverheadBytes,
  recordTags,
  type SegmentKind,
  segmentKinds,
} from "./record.ts";
import type { WriteAheadLog } from "./write-ahead-log.ts";

/** What a segment begins with, so that it can be understood without those before it. */
export interface Opening {
  /** Network and authority, the same in every segment of a log. */
  readonly owner: Buffer;
  readonly kind: SegmentKind;
  /** None at genesis. */
  readonly checkpoint: EncodedCheckpoint | undefined;
  readonly lastOwn: BlockRef;
  /** Accepted blocks that are not committed yet, causes first, and the index of where they stand. */
  readonly carried: readonly Block[];
  readonly positions: BlockIndex;
  /** Transactions that were accepted and stand in no own block. */
  readonly waiting: readonly Uint8Array[];
}

/** Names whose files these are: network and authority. */
export function ownerOf(own: { readonly network: Buffer; readonly authority: number }): Buffer {
  return Buffer.concat([own.network, uint16(own.authority)]);
}

/** What one record of an opening holds at most, unless a single transaction is larger. */
const partBytes = 4 * 1024 * 1024;

/** Begins a segment of the log with an opening. */
export function beginSegment(log: WriteAheadLog, opening: Opening): void {
  const { owner, kind, checkpoint, lastOwn, carried, positions, waiting } = opening;
  log.begin(() => {
    log.append(recordTags.header, encodeHeader(owner, kind));
    for (let at = 0; checkpoint !== undefined && at < checkpoint.sizeBytes; at += partBytes) {
      log.append(recordTags.checkpoint, checkpoint.encoded.subarray(at, at + partBytes));
    }
    log.append(recordTags.lastOwn, encodeRefs([lastOwn]));
    for (const { ref, encoded } of carried) {
      const tag = ref.author === lastOwn.author ? recordTags.ownBlock : recordTags.block;
      positions.move(ref, log.append(tag, encoded));
    }
    appendTransactions(log, waiting);
    log.append(recordTags.opened);
  });
}

function encodeHeader(owner: Buffer, kind: SegmentKind): Buffer {
  return Buffer.concat([owner, Buffer.of(segmentKinds[kind])]);
}

/** Appends accepted transactions, and flushes what would fill the memory. */
export function appendTransactions(log: WriteAheadLog, transactions: readonly Uint8Array[]): void {
  for (const part of splitTransactions(transactions)) {
    log.append(recordTags.transactions, encodeTransactions(part));
    if (part.length < transactions.length) log.flush();
  }
}

/**
 * Says how the segment that begins at a position follows from the one before.
 *
 * @throws LogError where it is another network's or validator's
 */
export function readKind(log: WriteAheadLog, start: number, owner: Buffer): SegmentKind {
  const record = log.read(start);
  const kinds = record?.tag === recordTags.header ? (Object.keys(segmentKinds) as SegmentKind[]) : [];
  const found = kinds.find((kind) => record?.payload.equals(encodeHeader(owner, kind)));
  if (found !== undefined) return found;
  const reason = "it belongs to another network or validator. Give this validator its own home.";
  throw new LogError(log.folder, reason);
}

/** The encoded checkpoint of the segment that begins at a position; no bytes at genesis. */
export function readCheckpoint(log: WriteAheadLog, start: number): Buffer {
  const payloads: Buffer[] = [];
  let at = start + recordOverheadBytes + (log.read(start)?.payload.length ?? 0);
  for (let record = log.read(at); record?.tag === recordTags.checkpoint; record = log.read(at)) {
    payloads.push(record.payload);
    at += recordOverheadBytes + record.payload.length;
  }
  return Buffer.concat(payloads);
}

/**
 * Reads the checkpoint of the segment that begins at a position, and the state that it stands for; undefined at genesis.
 *
 * @throws LogError
 */
export function readOpening(
  log: WriteAheadLog,
  start: number,
): { readonly checkpoint: EncodedCheckpoint; readonly state: Checkpoint } | undefined {
  const encoded = readCheckpoint(log, start);
  if (encoded.length === 0) return undefined;
  const state = decodeCheckpoint(encoded);
  if (state !== undefined) return { checkpoint: nameCheckpoint(state.height, encoded), state };
  throw new LogError(log.folder, `the checkpoint at ${start} cannot be read. ${startOver}`);
}

/** Deletes what stands before a state that was adopted from others, where a crash left it. */
export function dropReplaced(log: WriteAheadLog, owner: Buffer): void {
  const adopted = log.starts.findLast((start) => readKind(log, start, owner) === "adopted");
  if (adopted !== undefined) log.dropBelow(adopted);
}

function* splitTransactions(transactions: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let from = 0;
  let bytes = 0;
  for (let to = 0; to < transactions.length; to++) {
    const size = 4 + (transactions[to]?.length ?? 0);
    if (to > from && bytes + size > partBytes) {
      yield transactions.slice(from, to);
      from = to;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < transactions.length) yield transactions.slice(from);
}
