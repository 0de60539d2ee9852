import { decodeBlock, readRef, transactionsOf } from "../engine/consensus/block.ts";
import { copyBytes } from "../engine/consensus/bytes.ts";
import type { EncodedCheckpoint } from "../engine/consensus/checkpoint.ts";
import type { Consensus, Outcome } from "../engine/consensus/consensus.ts";
import { transactionKey } from "../engine/consensus/ledger.ts";
import type { Proposer } from "../engine/consensus/proposer.ts";
import type { BlockRules } from "../engine/consensus/validity.ts";
import type { BlockStore } from "./block-store.ts";
import { LogError, startOver } from "./error.ts";
import { readKind, readOpening } from "./opening.ts";
import { decodeCommit, decodeTransactions, type LogRecord, recordTags } from "./record.ts";
import type { WriteAheadLog } from "./write-ahead-log.ts";

/** What the log held. */
export interface Recovered {
  readonly blocks: number;
  /** Height of the state that it begins with, and of the last commit found. */
  readonly fromHeight: number;
  readonly height: number;
  /** Bytes that held nothing sound: at the end, a write that a crash broke. */
  readonly tornBytes: number;
  /** Sound records behind damage in the log: they count as if a peer had sent them. */
  readonly salvaged: number;
}

/** What stood behind damage in the log. */
export interface Salvage {
  /** Encoded, not checked. */
  readonly blocks: readonly Buffer[];
  readonly transactions: readonly Buffer[];
}

/** What is left to do once the log is read. */
export interface Remains {
  /** Accepted transactions that stand in no own block. */
  readonly waiting: readonly Buffer[];
  readonly salvage: Salvage;
  /** Commits that the log's blocks decide and that it does not hold. */
  readonly unrecorded: readonly Outcome[];
  /** The checkpoint that the next segment has to begin with, where a crash came first. */
  readonly due: EncodedCheckpoint | undefined;
}

/** What a log is read into. */
export interface Replayed {
  readonly rules: BlockRules;
  readonly consensus: Consensus;
  readonly store: BlockStore;
  readonly proposer: Proposer;
  /** Told of each decision that is found again. */
  readonly decided: (outcome: Outcome) => void;
}

export interface RecoveryParts extends Replayed {
  readonly log: WriteAheadLog;
  readonly authority: number;
  /** Network and authority, as every segment says them. */
  readonly owner: Buffer;
  /** Told of each segment: where it begins, and with which checkpoint, none at genesis. */
  readonly opened: (start: number, checkpoint: EncodedCheckpoint | undefined) => void;
}

/**
 * Replays a log: inserts its blocks, runs the commit rule again where the log says that it committed, and compares.
 * Collects the accepted transactions that no own block took, or whose block was lost.
 */
export class Recovery {
  readonly #parts: RecoveryParts;
  readonly #waiting = new Map<string, Buffer>();
  /** Commits found again, by height, until the log's record of them comes. */
  readonly #found = new Map<number, Outcome>();
  #due: EncodedCheckpoint | undefined;
  #blocks = 0;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** @throws LogError */
  run(): Recovered & Remains {
    const { log, consensus } = this.#parts;
    const fromHeight = consensus.height;
    const salvage = { blocks: [] as Buffer[], transactions: [] as Buffer[] };
    let salvaged = 0;
    const tornBytes = log.replay(
      (record, position) => this.#visit(record, position),
      ({ tag, payload }) => {
        salvaged++;
        if (tag === recordTags.transactions) salvage.transactions.push(...decodeTransactions(payload));
        if (tag === recordTags.block || tag === recordTags.ownBlock) salvage.blocks.push(copyBytes(payload));
      },
    );
    return {
      blocks: this.#blocks,
      fromHeight,
      height: consensus.height,
      tornBytes,
      salvaged,
      salvage,
      waiting: [...this.#waiting.values()],
      unrecorded: [...this.#found.values()],
      due: this.#due,
    };
  }

  #visit({ tag, payload }: LogRecord, position: number): void {
    switch (tag) {
      case recordTags.header:
        this.#visitHeader(position);
        break;
      case recordTags.block:
      case recordTags.ownBlock:
        this.#visitBlock(tag, payload, position);
        break;
      case recordTags.transactions:
        this.#wait(decodeTransactions(payload));
        break;
      case recordTags.commit:
        this.#visitCommit(payload, position);
        break;
      case recordTags.lastOwn: {
        const last = readRef(copyBytes(payload), 0);
        if (last !== undefined) this.#parts.proposer.resume(last);
        break;
      }
      case recordTags.checkpoint:
      case recordTags.opened:
        break;
      default:
        throw this.#damaged(`the record at ${position} has the unknown tag ${tag}`);
    }
  }

  /** A segment's checkpoint is the state that the one before ended with; its transactions are all that wait. */
  #visitHeader(position: number): void {
    const { log, owner } = this.#parts;
    readKind(log, position, owner);
    const checkpoint = readOpening(log, position)?.checkpoint;
    const follows = checkpoint !== undefined && this.#due?.encoded.equals(checkpoint.encoded);
    if (position > log.start && !follows) {
      throw this.#damaged(`the state at ${position} does not follow from the commits before it`);
    }
    this.#due = undefined;
    this.#waiting.clear();
    this.#parts.opened(position, checkpoint);
  }

  #visitBlock(tag: number, payload: Buffer, position: number): void {
    const { rules, consensus, store, proposer } = this.#parts;
    const block = decodeBlock(copyBytes(payload), rules);
    const outcome = block && consensus.dag.insert(block).outcome;
    if (block === undefined || outcome === "suspended") {
      throw this.#damaged(`the block at ${position} does not follow from those before it`);
    }
    if (outcome === "known") {
      store.positions.move(block.ref, position);
      return;
    }
    store.positions.add(block.ref, position);
    proposer.observe(block);
    this.#blocks++;
    if (tag !== recordTags.ownBlock || this.#waiting.size === 0) return;
    for (const each of transactionsOf(block)) this.#waiting.delete(transactionKey(each));
  }

  /** The rule runs where it ran before, so that it sees just what it saw then. */
  #visitCommit(payload: Buffer, position: number): void {
    const commit = decodeCommit(payload);
    const { consensus } = this.#parts;
    // Behind a checkpoint there may be skipped slots alone, and the commit behind those.
    while (commit !== undefined && commit.height > consensus.height && this.#advance()) {}
    const found = commit && this.#found.get(commit.height)?.commit;
    if (commit === undefined || !found?.appHash.equals(commit.appHash)) {
      throw this.#damaged(`the commit at ${position} does not follow from the blocks before it`);
    }
    this.#found.delete(commit.height);
  }

  /** Returns whether anything was decided. */
  #advance(): boolean {
    const outcomes = this.#parts.consensus.advance();
    for (const outcome of outcomes) {
      this.#parts.decided(outcome);
      const { commit, collected, checkpoint } = outcome;
      if (commit === undefined) continue;
      this.#found.set(commit.height, outcome);
      this.#due = checkpoint;
      for (const block of collected?.lost ?? []) {
        if (block.ref.author === this.#parts.authority) this.#wait(transactionsOf(block));
      }
    }
    return outcomes.length > 0;
  }

  #wait(transactions: readonly Buffer[]): void {
    for (const each of transactions) this.#waiting.set(transactionKey(each), each);
  }

  #damaged(reason: string): LogError {
    return new LogError(this.#parts.log.folder, `${reason}. ${startOver}`);
  }
}
