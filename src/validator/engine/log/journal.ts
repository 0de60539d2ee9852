import type { Block } from "../consensus/block.ts";
import type { Checkpoint, EncodedCheckpoint } from "../consensus/checkpoint.ts";
import type { Outcome } from "../consensus/consensus.ts";
import { LogHistory, type LogRetention } from "./history.ts";
import { appendTransactions, beginSegment, dropReplaced, type Holdings, readOpening } from "./opening.ts";
import { encodeCommit, recordTags, type SegmentKind, segmentKinds } from "./record.ts";
import { type Recovered, Recovery, type Remains, type Replayer } from "./recovery.ts";
import type { WriteAheadLog } from "./write-ahead-log.ts";

export interface JournalParts {
  readonly authority: number;
  /** Hash of the genesis: a log of another network is refused. */
  readonly network: Buffer;
  readonly log: WriteAheadLog;
  readonly retention: LogRetention;
}

/** One validator's log: what its segments begin with, what is kept of them, and how they are read again. */
export class Journal {
  readonly #parts: JournalParts;
  readonly #owner: Buffer;
  /** The checkpoints in it. */
  readonly history: LogHistory;

  /** @throws LogError where the log is another network's or validator's */
  constructor(parts: JournalParts) {
    const { authority, network, log, retention } = parts;
    this.#parts = parts;
    this.#owner = Buffer.concat([network, Buffer.of(authority >> 8, authority & 0xff)]);
    this.history = new LogHistory(log, retention);
    dropReplaced(log, this.#owner);
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
    return this.isEmpty ? undefined : readOpening(this.#parts.log, this.#parts.log.start).state;
  }

  /** @throws LogError where the log contradicts itself */
  replay(parts: Replayer): Recovered & Remains {
    const { log, authority } = this.#parts;
    return new Recovery({ ...parts, log, authority, owner: this.#owner, history: this.history }).run();
  }

  /** Takes a commit for the log. */
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

  /** Begins the log of a new chain. */
  beginGenesis(holdings: Holdings): void {
    this.#begin(segmentKinds.genesis, undefined, { holdings, placed: () => undefined });
  }

  /**
   * Begins a segment with the state after a commit, and deletes segments that need not be kept any more.
   *
   * @param placed told of the new position of each carried block
   */
  beginAt(
    checkpoint: EncodedCheckpoint,
    holdings: Holdings,
    placed: (block: Block, position: number) => void,
  ): void {
    this.#begin(segmentKinds.next, checkpoint, { holdings, placed });
    this.history.retain(checkpoint.height);
  }

  /** Begins the log anew with a state that came from others. */
  beginAnew(checkpoint: EncodedCheckpoint, holdings: Holdings): void {
    this.#begin(segmentKinds.adopted, checkpoint, { holdings, placed: () => undefined });
    dropReplaced(this.#parts.log, this.#owner);
  }

  #begin(
    kind: SegmentKind,
    checkpoint: EncodedCheckpoint | undefined,
    { holdings, placed }: { holdings: Holdings; placed: (block: Block, position: number) => void },
  ): void {
    const opening = { owner: this.#owner, kind, checkpoint, ...holdings };
    this.history.opened(beginSegment(this.#parts.log, opening, placed));
  }
}
