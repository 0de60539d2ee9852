import { BaleenError } from "../../../core/errors.ts";
import type { Block } from "./block.ts";
import { type Committee, leaderOf, type Slot, slotAt, slotNumber } from "./committee.ts";
import type { Dag } from "./dag.ts";

/** What became of one leader slot, for good. */
export type Decision = {
  readonly slot: Slot;
  readonly authority: number;
  /** The committed leader that an indirect decision follows from. */
  readonly anchor?: Block;
} & ({ readonly outcome: "commit"; readonly block: Block } | { readonly outcome: "skip" });

/** More than f validators are faulty: two certificates exist where one is possible. Nothing may be committed on. */
export class FaultBoundError extends BaleenError {
  constructor(slot: Slot, leader: number) {
    super(
      "fault-bound",
      `Two blocks of validator ${leader} are certified for the leader slot (${slot.round}, ${slot.rank}): ` +
        "more validators are faulty than the committee tolerates. Stop the network and start a new one.",
    );
  }
}

/** Rounds from a leader's to the first that can anchor it: votes, certificates, anchors. */
export const waveRounds = 3;

/** Certified leader block → the blocks two rounds above that certify it. */
type Certificates = ReadonlyMap<string, readonly Block[]>;

/**
 * The commit rule: reads the DAG, yields the decisions after its cursor, in the order of slots.
 *
 * For slot (L, r): votes are at r+1, certificates at r+2, anchors at r+3 and above. A decision once made stands,
 * so that each slot is evaluated only until it is decided.
 */
export class Committer {
  readonly #dag: Dag;
  readonly #committee: Committee;
  /** Decided slots above the cursor, by slot number. */
  readonly #decided = new Map<number, Decision>();
  /** Number of the first slot that is not decided. */
  #next: number;
  /** Those of the DAG when it was last looked at. */
  #acceptances = 0;

  /** @param cursor the last decided slot; without it, none is decided */
  constructor(dag: Dag, committee: Committee, cursor?: Slot) {
    this.#dag = dag;
    this.#committee = committee;
    this.#next = cursor === undefined ? 0 : slotNumber(committee, cursor) + 1;
  }

  /**
   * Decides what the accepted blocks allow and moves the cursor behind it.
   *
   * @throws FaultBoundError where two blocks of one slot are certified
   */
  advance(): Decision[] {
    if (this.#dag.acceptances === this.#acceptances) return [];
    this.#acceptances = this.#dag.acceptances;
    // The highest round in which a vote can stand is the highest one held.
    const highest = slotNumber(this.#committee, { round: this.#dag.highestRound, rank: 0 }) - 1;
    for (let number = highest; number >= this.#next; number--) {
      if (this.#decided.has(number)) continue;
      const decision = this.#evaluate(slotAt(this.#committee, number), highest);
      if (decision !== undefined) this.#decided.set(number, decision);
    }
    const decisions: Decision[] = [];
    for (;;) {
      const decision = this.#decided.get(this.#next);
      if (decision === undefined) return decisions;
      this.#decided.delete(this.#next++);
      decisions.push(decision);
    }
  }

  #evaluate(slot: Slot, highest: number): Decision | undefined {
    const authority = leaderOf(this.#committee, slot);
    const certificates = this.#certificates(slot.round, authority);
    for (const [key, certifying] of certificates) {
      const block = this.#dag.get(key);
      if (block === undefined || countAuthors(certifying) < this.#committee.quorum) continue;
      if (certificates.size > 1) throw new FaultBoundError(slot, authority);
      return { outcome: "commit", slot, authority, block };
    }
    if (this.#isSkipped(slot.round, authority)) return { outcome: "skip", slot, authority };
    const anchor = this.#findAnchor(slot, highest);
    if (anchor === undefined) return undefined;
    const block = this.#certifiedBelow(anchor, slot, certificates);
    if (block === undefined) return { outcome: "skip", slot, authority, anchor };
    return { outcome: "commit", slot, authority, anchor, block };
  }

  /** At least Q authors have a block just above without any ref at (leader, round). */
  #isSkipped(round: number, leader: number): boolean {
    let without = 0;
    for (const twins of this.#dag.blocksAt(round + 1)) {
      if (twins?.some((block) => block.parents[leader] === undefined)) without++;
    }
    return without >= this.#committee.quorum;
  }

  #certificates(round: number, leader: number): Certificates {
    const certificates = new Map<string, Block[]>();
    for (const twins of this.#dag.blocksAt(round + 2)) {
      for (const block of twins ?? []) {
        const key = this.#certifiedBy(block, leader);
        if (key === undefined) continue;
        const certifying = certificates.get(key);
        if (certifying === undefined) certificates.set(key, [block]);
        else certifying.push(block);
      }
    }
    return certificates;
  }

  /** The leader block two rounds below that Q of this block's parents vote for, if any. At most one can be. */
  #certifiedBy(block: Block, leader: number): string | undefined {
    const votes = new Map<string, number>();
    for (const parent of block.parents) {
      const vote = parent && this.#dag.get(parent.key)?.parents[leader]?.key;
      if (vote === undefined) continue;
      const count = (votes.get(vote) ?? 0) + 1;
      if (count >= this.#committee.quorum) return vote;
      votes.set(vote, count);
    }
    return undefined;
  }

  /** The first committed slot of round r+3 or above, with nothing undecided before it. */
  #findAnchor(slot: Slot, highest: number): Block | undefined {
    const first = slotNumber(this.#committee, { round: slot.round + waveRounds, rank: 0 });
    for (let number = first; number <= highest; number++) {
      const decision = this.#decided.get(number);
      if (decision === undefined) return undefined;
      if (decision.outcome === "commit") return decision.block;
    }
    return undefined;
  }

  /** The block that a certificate in the anchor's round-by-round history certifies, if any. */
  #certifiedBelow(anchor: Block, slot: Slot, certificates: Certificates): Block | undefined {
    const linked = this.#ancestorsAt(anchor, slot.round + 2);
    let committed: Block | undefined;
    for (const [key, certifying] of certificates) {
      if (!certifying.some((block) => linked.has(block.ref.key))) continue;
      if (committed !== undefined) throw new FaultBoundError(slot, leaderOf(this.#committee, slot));
      committed = this.#dag.get(key);
    }
    return committed;
  }

  /** Keys of the blocks of a round that lead to `block` by edges from each round to the one just below. */
  #ancestorsAt(block: Block, round: number): Set<string> {
    let level = new Set([block.ref.key]);
    for (let at = block.ref.round; at > round; at--) {
      const below = new Set<string>();
      for (const key of level) {
        for (const parent of this.#dag.get(key)?.parents ?? []) if (parent) below.add(parent.key);
      }
      level = below;
    }
    return level;
  }
}

function countAuthors(blocks: readonly Block[]): number {
  return new Set(blocks.map((block) => block.ref.author)).size;
}
