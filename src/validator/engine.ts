import type { KeyObject } from "node:crypto";
import { sign } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { type Block, buildBlock, decodeBlock, transactionsOf } from "./consensus/block.ts";
import { Consensus, type Outcome } from "./consensus/consensus.ts";
import type { Collected, Insertion } from "./consensus/dag.ts";
import type { Commit } from "./consensus/ledger.ts";
import { type Pace, type ProposalStep, Proposer } from "./consensus/proposer.ts";
import { type BlockRules, latestTimestampMs } from "./consensus/validity.ts";
import { BlockStore } from "./log/block-store.ts";
import { encodeCommit, encodeTransactions, recordTags } from "./log/record.ts";
import { type Recovered, Recovery } from "./log/recovery.ts";
import type { WriteAheadLog } from "./log/write-ahead-log.ts";
import type { Mempool } from "./mempool.ts";

/** Transactions in one own block, bytes: far below the largest block. */
const ownBlockTransactionBytes = 1024 * 1024;

export interface EngineParts {
  readonly authority: number;
  readonly rules: BlockRules;
  /** Hash of the genesis: a log of another network is refused. */
  readonly network: Buffer;
  readonly privateKey: KeyObject;
  readonly pace: Pace;
  readonly checkpointIntervalHeights: number;
  readonly log: WriteAheadLog;
  readonly mempool: Mempool;
  readonly clock: Clock;
  /** Every decision, in order, once it is in the log (or found again in it). */
  readonly decided: (outcome: Outcome) => void;
}

/** What a step did, and when to take the next one at the latest. */
export interface Step {
  readonly proposed: { readonly round: number; readonly timedOut: boolean } | undefined;
  /** Monotonic ms; a time that is over means at once. */
  readonly wakeAtMs: number | undefined;
}

/** Consensus with its memory on disk: blocks in, own blocks and commits out. Knows nothing of connections. */
export class Engine {
  readonly consensus: Consensus;
  readonly store: BlockStore;
  readonly #parts: EngineParts;
  readonly #proposer: Proposer;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.consensus = new Consensus(parts.rules, parts);
    const { dag } = this.consensus;
    this.#proposer = new Proposer(parts, dag);
    this.store = new BlockStore(parts.log, {
      dag,
      format: parts.rules,
      authors: parts.rules.committee.size,
    });
  }

  /** Round of the own highest block, 0 before the first. */
  get lastOwnRound(): number {
    return this.#proposer.last.round;
  }

  /**
   * Brings back what the log holds. Call it once, first.
   *
   * @throws LogError where the log is another network's or validator's, or contradicts itself
   */
  recover(): Recovered {
    const { network, authority, rules, mempool, log } = this.#parts;
    const recovery = new Recovery({
      log,
      header: Buffer.concat([network, Buffer.from([authority >> 8, authority & 0xff])]),
      decode: (encoded) => decodeBlock(encoded, rules),
      insert: (block, offset) => {
        const insertion = this.consensus.insert(block);
        if (insertion.outcome !== "accepted") return insertion.outcome === "known";
        this.store.index(block.ref, offset);
        this.#proposer.observe(block);
        return true;
      },
      advance: () => {
        const outcomes = this.consensus.advance();
        for (const outcome of outcomes) {
          if (outcome.commit !== undefined) this.#forget(outcome.commit, outcome.collected);
          this.#parts.decided(outcome);
        }
        return outcomes.flatMap(({ commit }) => commit ?? []);
      },
    });
    const { waiting, ...recovered } = recovery.run();
    mempool.restore(waiting);
    return recovered;
  }

  /** Takes a valid, signed block of anyone, also an own one of a former life. */
  take(block: Block): Insertion {
    const insertion = this.consensus.insert(block);
    if (insertion.outcome === "accepted") for (const accepted of insertion.blocks) this.#note(accepted);
    return insertion;
  }

  /** Whether `step` would propose now. */
  isProposalDue(isConnected: (authority: number) => boolean): boolean {
    return this.#proposer.decide(this.#parts.clock.monotonicMs(), isConnected).step === "propose";
  }

  /**
   * Commits what the accepted blocks decide, and proposes where it is time to (and `mayPropose`): once, even where the
   * own block is all that the next one waits for, so that between two of them others are heard.
   */
  step(isConnected: (authority: number) => boolean, mayPropose: boolean): Step {
    const { clock, mempool, log } = this.#parts;
    const outcomes = this.#advance();
    const nowMs = clock.monotonicMs();
    let next: ProposalStep = mayPropose ? this.#proposer.decide(nowMs, isConnected) : { step: "idle" };
    let proposed: Step["proposed"];
    if (next.step === "propose") {
      this.#propose(next.round);
      this.#proposer.proposedAt(nowMs);
      proposed = { round: next.round, timedOut: next.timedOut };
      outcomes.push(...this.#advance());
      next = this.#proposer.decide(nowMs, isConnected);
    }
    const waiting = mempool.takeUnlogged();
    if (waiting.length > 0) log.append(recordTags.transactions, encodeTransactions(waiting));
    log.flush();
    for (const outcome of outcomes) this.#parts.decided(outcome);
    const wakeAtMs = next.step === "wait" ? next.untilMs : next.step === "propose" ? nowMs : undefined;
    return { proposed, wakeAtMs };
  }

  /** Decides what can be decided, and takes it for the log; with the blocks that were released, more may be. */
  #advance(): Outcome[] {
    const all: Outcome[] = [];
    for (let some = this.consensus.advance(); some.length > 0; some = this.consensus.advance()) {
      for (const outcome of some) this.#record(outcome);
      all.push(...some);
    }
    return all;
  }

  #record({ commit, decision, collected }: Outcome): void {
    if (commit === undefined) return;
    const { height, leader, appHash } = commit;
    const record = { height, leaderDigest: leader.ref.digest, appHash, cursor: decision.slot };
    this.#parts.log.append(recordTags.commit, encodeCommit(record));
    this.#forget(commit, collected);
    for (const block of collected?.released ?? []) this.#note(block);
  }

  /** What is committed needs nothing more; own transactions that never will be in their block wait for another. */
  #forget({ blocks }: Commit, { lost }: Collected = { lost: [], released: [] }): void {
    this.#proposer.forget(blocks, this.consensus.dag.gcRound);
    for (const block of lost) {
      if (block.ref.author === this.#parts.authority) this.#parts.mempool.putBack(transactionsOf(block));
    }
  }

  #propose(round: number): void {
    const { authority, mempool, clock, rules, privateKey } = this.#parts;
    const content = {
      author: authority,
      round,
      refs: this.#proposer.selectRefs(round),
      transactions: mempool.take(ownBlockTransactionBytes),
      // A clock that is far off must not make the block one that nobody takes.
      timestampMs: Math.min(latestTimestampMs, Math.max(0, clock.wallMs())),
    };
    this.take(buildBlock(content, rules.domain, (contentHash) => sign(null, contentHash, privateKey)));
  }

  #note(block: Block): void {
    const isOwn = block.ref.author === this.#parts.authority;
    this.store.append(block, isOwn ? recordTags.ownBlock : recordTags.block);
    this.#proposer.observe(block);
  }
}
