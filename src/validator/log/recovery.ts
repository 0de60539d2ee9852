import { type Block, copyBytes, transactionsOf } from "../consensus/block.ts";
import { type Commit, transactionKey } from "../consensus/ledger.ts";
import { decodeCommit, decodeTransactions, type LogRecord, recordTags } from "./record.ts";
import { LogError, type WriteAheadLog } from "./write-ahead-log.ts";

/** What the log held. */
export interface Recovered {
  readonly blocks: number;
  readonly height: number;
  /** Cut off at the end: a write that a crash broke. */
  readonly tornBytes: number;
}

export interface RecoveryParts {
  readonly log: WriteAheadLog;
  /** First record of this network's and validator's log. */
  readonly header: Buffer;
  readonly decode: (encoded: Buffer) => Block | undefined;
  /** False where the block's history is not all there. */
  readonly insert: (block: Block, offset: number) => boolean;
  /** Commits that the blocks inserted since decide. */
  readonly advance: () => readonly Commit[];
}

/** Blocks between two runs of the commit rule where the log holds no commit. */
const blocksPerAdvance = 1_000;

/**
 * Replays a log: inserts its blocks, runs the commit rule again and compares with the commits it holds, and collects
 * the accepted transactions that no own block took.
 */
export class Recovery {
  readonly #parts: RecoveryParts;
  readonly #waiting = new Map<string, Buffer>();
  /** App hashes found again, until the log's record of them comes. */
  readonly #found = new Map<number, Buffer>();
  #records = 0;
  #blocks = 0;
  #height = 0;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** @throws LogError */
  run(): Recovered & { readonly waiting: readonly Buffer[] } {
    const { log, header } = this.#parts;
    const tornBytes = log.replay((record, offset) => this.#visit(record, offset));
    if (this.#records === 0) {
      log.append(recordTags.header, header);
      log.flush();
    }
    this.#advance();
    return { blocks: this.#blocks, height: this.#height, tornBytes, waiting: [...this.#waiting.values()] };
  }

  #visit({ tag, payload }: LogRecord, offset: number): void {
    if (this.#records++ === 0) {
      if (tag === recordTags.header && payload.equals(this.#parts.header)) return;
      throw this.#damaged(
        "it belongs to another network or validator. Give this validator a home of its own.",
      );
    }
    switch (tag) {
      case recordTags.block:
      case recordTags.ownBlock:
        this.#visitBlock(tag, payload, offset);
        break;
      case recordTags.transactions:
        for (const each of decodeTransactions(payload)) this.#waiting.set(transactionKey(each), each);
        break;
      case recordTags.commit:
        this.#visitCommit(payload, offset);
        break;
      default:
        throw this.#damaged(`the record at ${offset} has the unknown tag ${tag}.`);
    }
  }

  #visitBlock(tag: number, payload: Buffer, offset: number): void {
    const block = this.#parts.decode(copyBytes(payload));
    if (block === undefined || !this.#parts.insert(block, offset)) {
      throw this.#damaged(`the block at ${offset} does not follow from those before it.`);
    }
    if (tag === recordTags.ownBlock && this.#waiting.size > 0) {
      for (const each of transactionsOf(block)) this.#waiting.delete(transactionKey(each));
    }
    if (++this.#blocks % blocksPerAdvance === 0) this.#advance();
  }

  #visitCommit(payload: Buffer, offset: number): void {
    const commit = decodeCommit(payload);
    if (commit !== undefined && commit.height > this.#height) this.#advance();
    const found = commit === undefined ? undefined : this.#found.get(commit.height);
    if (commit === undefined || found === undefined || !found.equals(commit.appHash)) {
      throw this.#damaged(`the commit at ${offset} does not follow from the blocks before it.`);
    }
    this.#found.delete(commit.height);
  }

  #advance(): void {
    for (const { height, appHash } of this.#parts.advance()) {
      this.#height = height;
      this.#found.set(height, appHash);
    }
  }

  #damaged(reason: string): LogError {
    return new LogError(reason, { path: this.#parts.log.path });
  }
}
