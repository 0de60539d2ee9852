import type { Block } from "./block.ts";
import { Committer, type Decision } from "./committer.ts";
import { type Collected, Dag, type Insertion } from "./dag.ts";
import { type Commit, Ledger } from "./ledger.ts";
import { linearize, medianOfParents } from "./linearizer.ts";
import type { BlockRules } from "./validity.ts";

/** A decision and, where it commits, what it orders and what its rounds' becoming obsolete brought about. */
export interface Outcome {
  readonly decision: Decision;
  readonly commit?: Commit;
  readonly collected?: Collected;
}

/** Blocks in, one sequence of commits out: the DAG, the commit rule, the order and the ledger, tied together. Pure. */
export class Consensus {
  readonly dag: Dag;
  readonly #rules: BlockRules;
  readonly #committer: Committer;
  readonly #ledger: Ledger;

  constructor(rules: BlockRules) {
    this.#rules = rules;
    this.dag = new Dag(rules);
    this.#committer = new Committer(this.dag, rules.committee);
    this.#ledger = new Ledger(rules);
  }

  /** @param block valid and signed */
  insert(block: Block): Insertion {
    return this.dag.insert(block);
  }

  /**
   * What the accepted blocks decide beyond what was decided before. Call it after a batch of blocks, and again until it
   * returns nothing: with what is decided, blocks may have been accepted that decide more.
   *
   * @throws FaultBoundError where more validators are faulty than the committee tolerates
   */
  advance(): Outcome[] {
    return this.#committer.advance().map((decision) => {
      return decision.outcome === "skip" ? { decision } : this.#commit(decision, decision.block);
    });
  }

  #commit(decision: Decision, leader: Block): Outcome {
    const { gcDepth } = this.#rules;
    const claimedMs = medianOfParents(leader, this.dag);
    const commit = this.#ledger.append(leader, linearize(leader, this.dag, gcDepth), claimedMs);
    return { decision, commit, collected: this.dag.collect(leader.ref.round - gcDepth) };
  }
}
