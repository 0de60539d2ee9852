import type {
  Checkpoint,
  CheckpointSource,
  CheckpointSummary,
  EncodedCheckpoint,
} from "../engine/consensus/checkpoint.ts";
import type { Outcome } from "../engine/consensus/consensus.ts";
import type { ValidatorTuning } from "../wire/node-files.ts";
import {
  appendTransactions,
  beginSegment,
  dropReplaced,
  type Opening,
  ownerOf,
  readCheckpoint,
  readOpening,
} from "./opening.ts";
import { encodeCommit, recordTags, type SegmentKind } from "./record.ts";
import { type Recovered, Recovery, type RecoveryParts, type Remains, type Replayed } from "./recovery.ts";
import type { WriteAheadLog } from "./write-ahead-log.ts";

/** What is kept of the log beyond what a new start needs. */
export type LogRetention = Pick<ValidatorTuning["log"], "retainHeights" | "retainBytes">;

export interface JournalParts {
  /** The own place in the committee. */
  readonly authority: number;
  /** Hash of the genesis: a log of another network is refused. */
  readonly network: Buffer;
  readonly log: WriteAheadLog;
  readonly retention: LogRetention;
}

/** Where a segment begins, and with which checkpoint. */
interface OpenedSegment {
  readonly start: number;
  /** None at genesis. */
  readonly checkpoint: CheckpointSummary | undefined;
}

/** One validator's log: what its segments begin with, what is kept of them, and how they are read again. */
export class Journal implements CheckpointSource {
  readonly #parts: JournalParts;
  readonly #owner: Buffer;
  readonly #segments: OpenedSegment[] = [];

  /** @throws LogError where the log is another network's or validator's */
  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#owner = ownerOf(parts);
    dropReplaced(parts.log, this.#owner);
  }

  get isEmpty(): boolean {
    return this.#parts.log.starts.length === 0;
  }

  /**
   * The state that the log begins with; undefined at genesis.
   *
   * @throws LogError where it cannot be read
   */
  readStart(): Checkpoint | undefined {
    return this.isEmpty ? undefined : readOpening(this.#parts.log, this.#parts.log.start)?.state;
  }

  /** @throws LogError where the log contradicts itself */
  replay(into: Replayed): Recovered & Remains {
    const { log, authority } = this.#parts;
    const opened: RecoveryParts["opened"] = (start, checkpoint) => this.#opened(start, checkpoint);
    return new Recovery({ ...into, log, authority, owner: this.#owner, opened }).run();
  }

  record({ decision, commit }: Outcome): void {
    if (commit === undefined) return;
    const { height, leader, appHash } = commit;
    const record = { height, leaderDigest: leader.ref.digest, appHash, cursor: decision.slot };
    this.#parts.log.append(recordTags.commit, encodeCommit(record));
  }

  /** Hands accepted transactions, and all that was appended, to the log. */
  flush(transactions: readonly Uint8Array[]): void {
    appendTransactions(this.#parts.log, transactions);
    this.#parts.log.flush();
  }

  /** Begins a segment. Segments that need not be kept any more are deleted. */
  begin(kind: SegmentKind, holdings: Omit<Opening, "owner" | "kind">): void {
    const { log } = this.#parts;
    const start = log.end;
    beginSegment(log, { owner: this.#owner, kind, ...holdings });
    this.#opened(start, holdings.checkpoint);
    if (kind === "next") this.#retain(holdings.checkpoint?.height ?? 0);
    if (kind === "adopted") dropReplaced(log, this.#owner);
  }

  oldestHeight(): number {
    return heightOf(this.#segments[0]);
  }

  list(): readonly CheckpointSummary[] {
    return this.#segments.flatMap(({ checkpoint }) => checkpoint ?? []);
  }

  read(height: number): Buffer | undefined {
    const segment = this.#segments.find((each) => each.checkpoint?.height === height);
    if (segment === undefined) return undefined;
    const encoded = readCheckpoint(this.#parts.log, segment.start);
    return encoded.length === segment.checkpoint?.sizeBytes ? encoded : undefined;
  }

  /** Keeps no bytes, which would stay in memory for as long as the segment is known. */
  #opened(start: number, from: EncodedCheckpoint | undefined): void {
    const checkpoint = from && { height: from.height, stateHash: from.stateHash, sizeBytes: from.sizeBytes };
    this.#segments.push({ start, checkpoint });
  }

  /** Deletes what need not be kept at a height, the oldest first, and never the last segment. */
  #retain(height: number): void {
    const { log, retention } = this.#parts;
    for (;;) {
      const next = this.#segments[1];
      if (next === undefined) return;
      const isOld = heightOf(next) <= height - retention.retainHeights;
      if (!isOld && log.sizeBytes <= retention.retainBytes) return;
      this.#segments.shift();
      log.dropBelow(next.start);
    }
  }
}

function heightOf(segment: OpenedSegment | undefined): number {
  return segment?.checkpoint?.height ?? 0;
}
