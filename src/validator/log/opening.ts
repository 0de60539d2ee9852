import { type Block, type BlockRef, refBytes, writeRef } from "../engine/consensus/block.ts";
import {
  type Checkpoint,
  type CheckpointSummary,
  decodeCheckpoint,
  type EncodedCheckpoint,
  nameCheckpoint,
} from "../engine/consensus/checkpoint.ts";
import { LogError, startOver } from "./error.ts";
import {
  decodeHeader,
  encodeHeader,
  encodeTransactions,
  recordOverheadBytes,
  recordTags,
  type SegmentKind,
  segmentKinds,
} from "./record.ts";
import type { WriteAheadLog } from "./write-ahead-log.ts";

/** What a segment begins with, so that it can be understood without those before it. */
export interface Opening {
  /** Network and authority. */
  readonly owner: Buffer;
  readonly kind: SegmentKind;
  /** None at genesis. */
  readonly checkpoint: EncodedCheckpoint | undefined;
  readonly lastOwn: BlockRef;
  /** Accepted blocks that are not committed yet, causes first. */
  readonly carried: readonly Block[];
  /** Transactions that were accepted and stand in no own block. */
  readonly waiting: readonly Uint8Array[];
}

/** Where a segment begins, and with which checkpoint. */
export interface OpenedSegment {
  readonly start: number;
  /** None at genesis. */
  readonly checkpoint: CheckpointSummary | undefined;
}

/** What the log holds where a segment begins. */
export interface ReadOpening {
  readonly opened: OpenedSegment;
  /** The checkpoint's bytes; none at genesis. */
  readonly encoded: Buffer | undefined;
  /** The state that they stand for. */
  readonly state: Checkpoint | undefined;
}

/** What one record of an opening holds at most, unless a single transaction is larger. */
const partBytes = 4 * 1024 * 1024;

/**
 * Begins a segment of the log with an opening.
 *
 * @param placed told of each carried block's position
 */
export function beginSegment(
  log: WriteAheadLog,
  opening: Opening,
  placed: (block: Block, position: number) => void,
): OpenedSegment {
  const { owner, kind, checkpoint, lastOwn, carried, waiting } = opening;
  const start = log.end;
  log.begin(() => {
    log.append(recordTags.header, encodeHeader(owner, kind));
    for (let at = 0; checkpoint !== undefined && at < checkpoint.sizeBytes; at += partBytes) {
      log.append(recordTags.checkpoint, checkpoint.encoded.subarray(at, at + partBytes));
    }
    log.append(recordTags.lastOwn, encodeRef(lastOwn));
    for (const block of carried) {
      const isOwn = block.ref.author === lastOwn.author;
      placed(block, log.append(isOwn ? recordTags.ownBlock : recordTags.block, block.encoded));
    }
    appendTransactions(log, waiting);
    log.append(recordTags.opened);
  });
  return { start, checkpoint: checkpoint && summarize(checkpoint) };
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
  const kind = record?.tag === recordTags.header ? decodeHeader(record.payload, owner) : undefined;
  if (kind !== undefined) return kind;
  const reason = "it belongs to another network or validator. Give this validator a home of its own.";
  throw new LogError(reason, { path: log.folder });
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
 * Reads the checkpoint of the segment that begins at a position, and the state that it stands for.
 *
 * @throws LogError
 */
export function readOpening(log: WriteAheadLog, start: number): ReadOpening {
  const encoded = readCheckpoint(log, start);
  if (encoded.length === 0) {
    return { opened: { start, checkpoint: undefined }, encoded: undefined, state: undefined };
  }
  const state = decodeCheckpoint(encoded);
  if (state === undefined) {
    throw new LogError(`the checkpoint at ${start} cannot be read. ${startOver}`, { path: log.folder });
  }
  const checkpoint = summarize(nameCheckpoint(state.height, encoded));
  return { opened: { start, checkpoint }, encoded, state };
}

/** Deletes what stands before a state that was adopted from others, where a crash left it. */
export function dropReplaced(log: WriteAheadLog, owner: Buffer): void {
  const adopted = log.starts.findLast((start) => readKind(log, start, owner) === segmentKinds.adopted);
  if (adopted !== undefined) log.dropBelow(adopted);
}

/** Without the bytes, which would stay in memory for as long as the segment is known. */
function summarize({ height, stateHash, sizeBytes }: EncodedCheckpoint): CheckpointSummary {
  return { height, stateHash, sizeBytes };
}

function encodeRef(ref: BlockRef): Buffer {
  const bytes = Buffer.allocUnsafe(refBytes);
  writeRef(bytes, 0, ref);
  return bytes;
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
