/** What the engine is kept in: handed to it, so that it runs on a disk, in memory or in simulated time alike. */
import type { Block, BlockRef } from "./consensus/block.ts";
import type { Checkpoint, CheckpointSource, EncodedCheckpoint } from "./consensus/checkpoint.ts";
import type { Outcome } from "./consensus/consensus.ts";
import type { Dag, Insertion } from "./consensus/dag.ts";
import type { BlockRules } from "./consensus/validity.ts";

/** What a validator holds beside its checkpoint when a segment begins. */
export interface Holdings {
  readonly lastOwn: BlockRef;
  /** Accepted blocks that are not committed yet, causes first. */
  readonly carried: readonly Block[];
  /** Transactions that were accepted and stand in no own block. */
  readonly waiting: readonly Uint8Array[];
}

/** What the log held. */
export interface Recovered {
  readonly blocks: number;
  /** Height of the state that it begins with, and of the last commit found. */
  readonly fromHeight: number;
  readonly height: number;
  /** Cut off at the end: a write that a crash broke. */
  readonly tornBytes: number;
}

/** What is left to do once the log is read. */
export interface Remains {
  /** Accepted transactions that stand in no own block. */
  readonly waiting: readonly Buffer[];
  /** Commits that the log's blocks decide and that it does not hold. */
  readonly unrecorded: readonly Outcome[];
  /** The checkpoint that the next segment has to begin with, where a crash came first. */
  readonly due: EncodedCheckpoint | undefined;
}

/** What a log is read into. */
export interface Replayer {
  readonly decode: (encoded: Buffer) => Block | undefined;
  readonly insert: (block: Block, position: number) => Insertion["outcome"];
  /** Notes where a block that is known stands once more. */
  readonly move: (block: Block, position: number) => void;
  /** Tells of the own highest block. */
  readonly resume: (last: BlockRef) => void;
  /** What the blocks inserted since decide, up to a checkpoint. */
  readonly advance: () => readonly Outcome[];
}

/** genesis: of a new chain. next: with the state after a commit. adopted: with one of others, in place of all before. */
export type SegmentBeginning = "genesis" | "next" | "adopted";

/** One validator's log. */
export interface EngineLog {
  readonly isEmpty: boolean;
  /** The checkpoints in it. */
  readonly history: CheckpointSource;
  /**
   * The state that the log begins with; undefined at genesis.
   *
   * @throws LogError where it cannot be read
   */
  readStart(): Checkpoint | undefined;
  /** @throws LogError where the log contradicts itself */
  replay(replayer: Replayer): Recovered & Remains;
  /** Takes a commit for the log. */
  record(outcome: Outcome): void;
  /** Hands accepted transactions, and all that was appended, to the log. */
  flush(transactions: readonly Uint8Array[]): void;
  /**
   * Begins a segment. Segments that need not be kept any more are deleted.
   *
   * @param placed told of the new position of each carried block
   */
  begin(
    kind: SegmentBeginning,
    holdings: Holdings,
    checkpoint?: EncodedCheckpoint,
    placed?: (block: Block, position: number) => void,
  ): void;
}

/** Every accepted block of one validator. */
export interface BlockArchive {
  /** Where each of them stands in the log. */
  readonly positions: {
    readonly size: number;
    add(ref: BlockRef, position: number): void;
    /** Notes where a block stands once more. */
    move(ref: BlockRef, position: number): void;
    /** Highest round of an author, 0 before its first block. */
    highestRound(author: number): number;
  };
  /** Appends an accepted block to the log; the caller flushes. */
  append(block: Block, isOwn: boolean): void;
  /** Forgets what the log has deleted. */
  forgetDeleted(): void;
  /** The encoded block of exactly this ref. */
  find(ref: BlockRef): Buffer | undefined;
  /** The first `most` blocks of an author in rounds `from` to `to`, both included. Each is read when it is asked for. */
  range(
    author: number,
    span: { readonly from: number; readonly to: number; readonly most: number },
  ): IteratorObject<{ readonly round: number; readonly encoded: Buffer }>;
}

export interface EngineStorage {
  readonly log: EngineLog;
  readonly openBlocks: (dag: Dag, rules: BlockRules) => BlockArchive;
}
