import type { Block } from "./block.ts";
import { Committer, type Decision } from "./committer.ts";
import { Dag, type Insertion } from "./dag.ts";
import { type Commit, Ledger } from "./ledger.ts";
import { linearize } from "./linearizer.ts";
import type { BlockRules } from "./validity.ts";

/** Rounds below the last decided slot whose committed blocks stay in memory. */
const roundsInMemory = 100;

/** A decision and, where it commits, what it orders. */
export interface Outcome {
  readonly decision: Decision;
  readonly commit?: Commit;
}

/** Blocks in, one sequence of commits out: the DAG, the commit rule, the order and the ledger, tied together. Pure. */
export class Consensus {
  readonly dag: Dag;
  readonly #committer: Committer;
  readonly #ledger: Ledger;

  constructor(rules: BlockRules) {
    this.dag = new Dag(rules);
    this.#committer = new Committer(this.dag, rules.committee);
    this.#ledger = new Ledger(rules.domain);
  }

  get committer(): Pick<Committer, "cursor"> {
    return this.#committer;
  }

  /** @param block valid and signed */
  insert(block: Block): Insertion {
    return this.dag.insert(block);
  }

  /**
   * Everything that the accepted blocks decide beyond what was decided before. Call it after a batch of blocks.
   *
   * @throws FaultBoundError where more validators are faulty than the committee tolerates
   */
  advance(): Outcome[] {
    const outcomes = this.#committer.advance().map((decision): Outcome => {
      if (decision.outcome === "skip") return { decision };
      const blocks = linearize(decision.block, this.dag);
      return { decision, commit: this.#ledger.append(decision.block, blocks) };
    });
    const round = this.#committer.cursor?.round ?? 0;
    if (outcomes.length > 0) this.dag.pruneBelow(round - roundsInMemory);
    return outcomes;
  }
}
