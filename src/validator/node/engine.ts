import { type KeyObject, sign } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { type Block, buildBlock, decodeBlock, transactionsOf } from "../engine/consensus/block.ts";
import {
  type CheckpointSource,
  decodeCheckpoint,
  type EncodedCheckpoint,
  nameCheckpoint,
} from "../engine/consensus/checkpoint.ts";
import { Consensus, type Outcome } from "../engine/consensus/consensus.ts";
import type { Insertion } from "../engine/consensus/dag.ts";
import { transactionKey } from "../engine/consensus/ledger.ts";
import { type Pace, type ProposalStep, Proposer } from "../engine/consensus/proposer.ts";
import {
  type BlockRules,
  findInvalidity,
  hasGoodSignature,
  latestTimestampMs,
} from "../engine/consensus/validity.ts";
import type { Mempool } from "../engine/mempool.ts";
import { BlockStore } from "../log/block-store.ts";
import { Journal, type JournalParts } from "../log/journal.ts";
import type { OwnRounds } from "../log/own-rounds.ts";
import type { SegmentKind } from "../log/record.ts";
import type { Recovered, Salvage } from "../log/recovery.ts";
import type { ValidatorTuning } from "../wire/node-files.ts";

export interface EngineParts
  extends JournalParts,
    Pick<ValidatorTuning["consensus"], "checkpointIntervalHeights" | "blockSizeBytes"> {
  readonly rules: BlockRules;
  readonly privateKey: KeyObject;
  /** By authority. */
  readonly publicKeys: readonly KeyObject[];
  readonly pace: Pace;
  readonly mempool: Mempool;
  readonly ownRounds: Pick<OwnRounds, "reserve" | "signed">;
  readonly clock: Clock;
  /** An own block is in the log: it may be sent. */
  readonly proposed: (proposal: Proposal) => void;
  /** Every decision, in order, once it is in the log (or found again in it). */
  readonly decided: (outcome: Outcome) => void;
}

/** An own block; `timedOut`: made because what it waited for did not come in time. */
export type Proposal = Omit<Extract<ProposalStep, { readonly step: "propose" }>, "step">;

/** Consensus with a memory that outlasts it: blocks in, own blocks and commits out. Knows nothing of connections. */
export class Engine {
  readonly consensus: Consensus;
  readonly store: BlockStore;
  readonly #parts: EngineParts;
  readonly #journal: Journal;
  readonly #proposer: Proposer;

  /**
   * Reads the state that the log begins with; `recover` does the rest.
   *
   * @throws LogError where it cannot be read
   */
  constructor(parts: EngineParts) {
    const { log, rules, checkpointIntervalHeights } = parts;
    this.#parts = parts;
    this.#journal = new Journal(parts);
    const start = this.#journal.readStart();
    this.consensus = new Consensus(rules, { checkpointIntervalHeights, start });
    const { dag } = this.consensus;
    this.#proposer = new Proposer(parts, dag);
    this.store = new BlockStore(log, dag, rules);
  }

  /** Round of the own highest block, 0 before the first. */
  get lastOwnRound(): number {
    return this.#proposer.last.round;
  }

  get checkpoints(): CheckpointSource {
    return this.#journal;
  }

  /** How many entries the parts that grow and are bounded have now. */
  get sizes() {
    const { dag } = this.consensus;
    return { ...dag.sizes, outside: this.#proposer.outsideCount, indexed: this.store.positions.size };
  }

  /**
   * Brings back what the log holds. Call it once, first.
   *
   * @throws LogError where the log contradicts itself
   */
  recover(): Recovered {
    if (this.#journal.isEmpty) this.#begin("genesis");
    const { consensus, store } = this;
    const { waiting, unrecorded, due, salvage, ...recovered } = this.#journal.replay({
      rules: this.#parts.rules,
      consensus,
      store,
      proposer: this.#proposer,
      decided: (outcome) => {
        this.#forget(outcome);
        this.#parts.decided(outcome);
      },
    });
    this.#parts.mempool.restore(waiting);
    for (const outcome of unrecorded) this.#journal.record(outcome);
    if (due !== undefined) this.#begin("next", due);
    this.#takeSalvage(salvage);
    this.#commit();
    return { ...recovered, height: this.consensus.height };
  }

  /** Takes what stood behind damage in the log as if a peer had sent it. Transactions of blocks that wait wait too. */
  #takeSalvage({ blocks, transactions }: Salvage): void {
    const { rules, publicKeys, mempool } = this.#parts;
    const waiting = new Map(transactions.map((each) => [transactionKey(each), each]));
    for (const encoded of blocks) {
      const block = decodeBlock(encoded, rules);
      if (block === undefined || findInvalidity(block, rules) !== undefined) continue;
      const key = publicKeys[block.ref.author];
      if (key === undefined || !hasGoodSignature(block, key)) continue;
      const { outcome } = this.take(block);
      if (!this.#isOwn(block.ref.author)) continue;
      for (const each of transactionsOf(block)) {
        if (outcome === "suspended") waiting.set(transactionKey(each), each);
        else waiting.delete(transactionKey(each));
      }
    }
    mempool.putBack([...waiting.values()]);
  }

  /** Takes a valid, signed block of anyone, also an own one of a former life. */
  take(block: Block): Insertion {
    const insertion = this.consensus.dag.insert(block);
    if (insertion.outcome === "accepted") for (const accepted of insertion.blocks) this.#note(accepted);
    return insertion;
  }

  /** Whether `step` would propose now. */
  isProposalDue(isConnected: (authority: number) => boolean): boolean {
    return this.#proposer.decide(this.#parts.clock.monotonicMs(), isConnected).step === "propose";
  }

  /**
   * Proposes where it is time to (and `mayPropose`): once, so that between two own blocks others are heard. Then commits
   * what the accepted blocks decide: the others wait for the own block more urgently than anyone for the commits.
   *
   * @returns when to take the next step at the latest, monotonic ms; a time that is over means at once
   */
  step(isConnected: (authority: number) => boolean, mayPropose: boolean): number | undefined {
    const nowMs = this.#parts.clock.monotonicMs();
    let next: ProposalStep = mayPropose ? this.#proposer.decide(nowMs, isConnected) : { step: "idle" };
    // Nothing to wait for: whoever drives this engine is told when the round is reserved.
    if (next.step === "propose" && !this.#parts.ownRounds.reserve(next.round)) next = { step: "idle" };
    if (next.step === "propose") {
      const { round, timedOut } = next;
      this.#propose(round);
      this.#proposer.proposedAt(nowMs);
      this.logWaiting();
      this.#parts.ownRounds.signed(round);
      this.#parts.proposed({ round, timedOut });
      next = this.#proposer.decide(nowMs, isConnected);
    }
    this.#commit();
    if (next.step === "wait") return next.untilMs;
    return next.step === "propose" ? nowMs : undefined;
  }

  /** Hands the transactions accepted so far, and all that was appended, to the log. */
  logWaiting(): void {
    this.#journal.flush(this.#parts.mempool.takeUnlogged());
  }

  /**
   * Makes a later state, come from others, the beginning of the log, and deletes what stood there. This engine is at
   * its end with that: another one goes on from the log.
   *
   * @param encoded a checkpoint's bytes, known to be right
   * @returns how many transactions were in own blocks of which it is not known now whether they were committed
   */
  adopt(encoded: Buffer): number {
    const height = decodeCheckpoint(encoded)?.height;
    if (height === undefined || height <= this.consensus.height) {
      const reason = `The state at height ${height} does not continue from height ${this.consensus.height}`;
      throw new InvalidArgumentError(reason);
    }
    this.#begin("adopted", nameCheckpoint(height, encoded));
    const own = this.consensus.dag.uncommittedBlocks().filter(({ ref }) => this.#isOwn(ref.author));
    return own.reduce((sum, { transactionCount }) => sum + transactionCount, 0);
  }

  /** Decides what can be decided and logs it; with the blocks that were released, more may be. */
  #commit(): void {
    const all: Outcome[] = [];
    for (let some = this.consensus.advance(); some.length > 0; some = this.consensus.advance()) {
      for (const outcome of some) this.#carryOut(outcome);
      all.push(...some);
    }
    this.logWaiting();
    for (const outcome of all) this.#parts.decided(outcome);
  }

  #carryOut(outcome: Outcome): void {
    const { collected: { lost, released } = { lost: [], released: [] }, checkpoint } = outcome;
    this.#journal.record(outcome);
    this.#forget(outcome);
    // What was to stand in a block that nobody can commit any more has to stand in another one.
    for (const block of lost) {
      if (this.#isOwn(block.ref.author)) this.#parts.mempool.putBack(transactionsOf(block));
    }
    for (const block of released) this.#note(block);
    if (checkpoint !== undefined) this.#begin("next", checkpoint);
  }

  #forget({ commit }: Outcome): void {
    if (commit !== undefined) this.#proposer.forget(commit.blocks, this.consensus.dag.gcRound);
  }

  /**
   * Begins a segment; one that follows a checkpoint where the state is just that of it. With what it begins with, every
   * accepted transaction is in the log.
   */
  #begin(kind: SegmentKind, checkpoint?: EncodedCheckpoint): void {
    const carried = kind === "next" ? this.consensus.dag.uncommittedBlocks() : [];
    const { mempool } = this.#parts;
    mempool.takeUnlogged();
    const { positions } = this.store;
    const waiting = mempool.peek(mempool.count);
    this.#journal.begin(kind, { checkpoint, lastOwn: this.#proposer.last, carried, positions, waiting });
    this.store.forgetDeleted();
  }

  #propose(round: number): void {
    const { authority, mempool, clock, rules, privateKey, blockSizeBytes } = this.#parts;
    const content = {
      author: authority,
      round,
      refs: this.#proposer.selectRefs(round),
      transactions: mempool.take(blockSizeBytes),
      // A clock that is far off must not make the block one that nobody takes.
      timestampMs: Math.min(latestTimestampMs, Math.max(0, clock.wallMs())),
    };
    this.take(buildBlock(content, rules.domain, (contentHash) => sign(null, contentHash, privateKey)));
  }

  #note(block: Block): void {
    this.store.append(block, this.#isOwn(block.ref.author));
    this.#proposer.observe(block);
  }

  #isOwn(author: number): boolean {
    return author === this.#parts.authority;
  }
}
