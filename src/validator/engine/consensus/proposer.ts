import type { ValidatorTuning } from "../../wire/node-files.ts";
import { type Block, type BlockRef, genesisRef } from "./block.ts";
import { type Committee, leaderOf, type Slot } from "./committee.ts";
import type { Dag } from "./dag.ts";
import { type BlockRules, mostWeakRefs } from "./validity.ts";

/** When to propose. Times are monotonic milliseconds. */
export type Pace = Pick<ValidatorTuning["consensus"], "minRoundDelayMs" | "leaderTimeoutMs">;

/** What to do now about the round that the clock shows. */
export type ProposalStep =
  | { readonly step: "propose"; readonly round: number; readonly timedOut: boolean }
  /** Ask again when a block was accepted, and at this time at the latest. */
  | { readonly step: "wait"; readonly untilMs: number }
  /** Proposed already in this round. */
  | { readonly step: "idle" };

/** Lateness that is made up for in the next round, as a share of the round delay. */
const mostLateRatio = 0.2;

/** Decides when the own authority proposes, and what its block refers to. Pure: time is handed in. */
export class Proposer {
  readonly #authority: number;
  readonly #dag: Dag;
  readonly #committee: Committee;
  readonly #pace: Pace;
  readonly #genesis: readonly BlockRef[];
  readonly #others: readonly number[];
  /** Accepted blocks that are not committed and that the own blocks do not lead to. */
  readonly #outside = new Map<string, Block>();
  #last: BlockRef;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #round = 0;
  #roundEnteredMs = 0;

  constructor(
    own: { readonly authority: number; readonly rules: BlockRules; readonly pace: Pace },
    dag: Dag,
  ) {
    const { committee, genesis, domain } = own.rules;
    this.#authority = own.authority;
    this.#committee = committee;
    this.#pace = own.pace;
    this.#dag = dag;
    this.#genesis = genesis;
    this.#last = genesisRef(domain, own.authority);
    this.#others = genesis.map((ref) => ref.author).filter((author) => author !== own.authority);
  }

  /** The own highest block: of round 0 before the first. */
  get last(): BlockRef {
    return this.#last;
  }

  /** Tells of each accepted block, the own ones included, causes first. */
  observe(block: Block): void {
    if (block.ref.author !== this.#authority) {
      this.#outside.set(block.ref.key, block);
      return;
    }
    const included = new Set<string>();
    for (const ref of block.refs) this.#cover(ref.key, included);
    for (const key of included) this.#outside.delete(key);
    this.resume(block.ref);
  }

  /** Tells of an own block whose content need not be known: nothing is proposed at or below its round. */
  resume(last: BlockRef): void {
    if (last.round > this.#last.round) this.#last = last;
  }

  /** How many accepted blocks the own ones do not lead to. */
  get outsideCount(): number {
    return this.#outside.size;
  }

  /** Tells of blocks that were committed, and of the obsolete rounds: nothing has to lead there any more. */
  forget(committed: readonly Block[], gcRound: number): void {
    for (const { ref } of committed) this.#outside.delete(ref.key);
    for (const [key, { ref }] of this.#outside) if (ref.round <= gcRound) this.#outside.delete(key);
  }

  /** Says what to do. `isConnected`: whether a leader's block can be expected to come. */
  decide(nowMs: number, isConnected: (authority: number) => boolean): ProposalStep {
    const round = this.#dag.clock;
    if (round !== this.#round) {
      this.#round = round;
      this.#roundEnteredMs = nowMs;
    }
    if (round <= this.#last.round) return { step: "idle" };
    const earliestMs = this.#isOvertaken(round) ? nowMs : this.#lastAtMs + this.#pace.minRoundDelayMs;
    const timeoutMs = this.#roundEnteredMs + this.#pace.leaderTimeoutMs;
    const ready = this.#isReady(round, isConnected);
    if (!ready && nowMs < timeoutMs) return { step: "wait", untilMs: timeoutMs };
    if (nowMs < earliestMs) return { step: "wait", untilMs: earliestMs };
    return { step: "propose", round, timedOut: !ready };
  }

  /** The refs of the own block of a round: own last block, one block per author just below, then older ones. */
  selectRefs(round: number): BlockRef[] {
    const refs = [this.#last];
    const covered = new Set<string>();
    const used = new Set([`${this.#last.round}/${this.#last.author}`]);
    const add = (ref: BlockRef) => {
      used.add(`${ref.round}/${ref.author}`);
      refs.push(ref);
      this.#cover(ref.key, covered);
    };
    for (const author of this.#others) {
      const parent = round === 1 ? this.#genesis[author] : this.#dag.blocksOf(author, round - 1)[0]?.ref;
      if (parent !== undefined) add(parent);
    }
    const mostRefs = refs.length + mostWeakRefs;
    const older = [...this.#outside.values()].filter(({ ref }) => ref.round < round - 1);
    for (const { ref } of older.sort((a, b) => b.ref.round - a.ref.round)) {
      if (refs.length >= mostRefs) break;
      if (!covered.has(ref.key) && !used.has(`${ref.round}/${ref.author}`)) add(ref);
    }
    return refs;
  }

  /**
   * Notes when the own block went out. A timer that fires a little late does not shift what follows: the pace would
   * slow down by that much in every round.
   */
  proposedAt(nowMs: number): void {
    const { minRoundDelayMs } = this.#pace;
    const dueMs = this.#lastAtMs + minRoundDelayMs;
    const lateMs = nowMs - dueMs;
    this.#lastAtMs = lateMs > 0 && lateMs <= minRoundDelayMs * mostLateRatio ? dueMs : nowMs;
  }

  /**
   * Whether more than f others are in this round already: one of them at least is honest and has kept the delay.
   * Who kept his own to the end, a millisecond behind the others, would find the clock gone on, and miss the round.
   */
  #isOvertaken(round: number): boolean {
    return this.#dag.authorsAt(round) > this.#committee.faults;
  }

  #isReady(round: number, isConnected: (authority: number) => boolean): boolean {
    for (let rank = 0; rank < this.#committee.leadersPerRound; rank++) {
      if (round > 1 && !this.#isLeaderHeld({ round: round - 1, rank }, isConnected)) return false;
      if (round > 2 && !this.#isVoteSettled({ round: round - 2, rank }, isConnected)) return false;
    }
    return true;
  }

  #isLeaderHeld(slot: Slot, isConnected: (authority: number) => boolean): boolean {
    const leader = leaderOf(this.#committee, slot);
    // Who has gone on to a later round will not come back to this one; neither do we.
    if (leader === this.#authority || this.#dag.highestRoundOf(leader) > slot.round) return true;
    if (!isConnected(leader)) return true;
    return this.#dag.blocksOf(leader, slot.round).length > 0;
  }

  /**
   * For each leader block of the slot: Q votes for it, or Q non-votes, are held; or every connected authority's
   * vote is, so that waiting brings nothing.
   */
  #isVoteSettled(slot: Slot, isConnected: (authority: number) => boolean): boolean {
    const leader = leaderOf(this.#committee, slot);
    const voters = this.#dag.blocksAt(slot.round + 1);
    if (this.#others.every((author) => voters[author] !== undefined || !isConnected(author))) return true;
    return this.#dag.blocksOf(leader, slot.round).every(({ ref }) => {
      let votes = 0;
      let nonVotes = 0;
      for (const twins of voters) {
        if (twins?.some((block) => block.parents[leader]?.key === ref.key)) votes++;
        if (twins?.some((block) => block.parents[leader]?.key !== ref.key)) nonVotes++;
      }
      return votes >= this.#committee.quorum || nonVotes >= this.#committee.quorum;
    });
  }

  /** Adds a block and all it leads to outside of the own history. */
  #cover(key: string, covered: Set<string>): void {
    const pending = [key];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const block = this.#outside.get(next);
      if (block === undefined || covered.has(next)) continue;
      covered.add(next);
      for (const ref of block.refs) pending.push(ref.key);
    }
  }
}
