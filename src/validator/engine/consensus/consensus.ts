import { type Block, compareBlocks } from "./block.ts";
import { type Checkpoint, type EncodedCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { Committer, type Decision } from "./committer.ts";
import { type Collected, Dag } from "./dag.ts";
import { type Commit, Ledger } from "./ledger.ts";
import type { BlockRules } from "./validity.ts";

/** A decision and, where it commits, what it orders and what its rounds' becoming obsolete brought about. */
export interface Outcome {
  readonly decision: Decision;
  readonly commit?: Commit;
  readonly collected?: Collected;
  /** Where the commit's height is a multiple of the interval: the state just after it. */
  readonly checkpoint?: EncodedCheckpoint;
}

export interface ConsensusOptions {
  /** Heights between two checkpoints. */
  readonly checkpointIntervalHeights: number;
  /** The state to go on from; without it, the genesis. */
  readonly start?: Checkpoint | undefined;
}

/** Blocks in, one sequence of commits out: the DAG, the commit rule, the order and the ledger, tied together. Pure. */
export class Consensus {
  readonly dag: Dag;
  readonly #rules: BlockRules;
  readonly #intervalHeights: number;
  readonly #committer: Committer;
  readonly #ledger: Ledger;
  /** Decided, and not carried out yet. */
  #decisions: Decision[] = [];

  constructor(rules: BlockRules, { checkpointIntervalHeights, start }: ConsensusOptions) {
    this.#rules = rules;
    this.#intervalHeights = checkpointIntervalHeights;
    this.dag = new Dag(rules, start);
    this.#committer = new Committer(this.dag, rules.committee, start?.cursor);
    this.#ledger = new Ledger(rules, start);
  }

  /** Height of the last commit. */
  get height(): number {
    return this.#ledger.state.height;
  }

  /**
   * What the accepted blocks decide beyond what was decided before, up to the first checkpoint: then the state is just
   * that. Call it after a batch of blocks, and again until it returns nothing: there may be more behind a checkpoint,
   * and with what was decided, blocks may have been accepted that decide more.
   *
   * @throws FaultBoundError where more validators are faulty than the committee tolerates
   */
  advance(): Outcome[] {
    if (this.#decisions.length === 0) this.#decisions = this.#committer.advance();
    const outcomes: Outcome[] = [];
    for (const decision of this.#decisions) {
      const outcome = decision.outcome === "skip" ? { decision } : this.#commit(decision, decision.block);
      outcomes.push(outcome);
      if (outcome.checkpoint !== undefined) break;
    }
    this.#decisions = this.#decisions.slice(outcomes.length);
    return outcomes;
  }

  #commit(decision: Decision, leader: Block): Outcome {
    const { gcDepth } = this.#rules;
    const claimedMs = medianOfParents(leader, this.dag);
    const commit = this.#ledger.append(leader, linearize(leader, this.dag, gcDepth), claimedMs);
    const collected = this.dag.collect(leader.ref.round - gcDepth);
    if (commit.height % this.#intervalHeights !== 0) return { decision, commit, collected };
    const checkpoint = encodeCheckpoint({
      ...this.#ledger.state,
      cursor: decision.slot,
      gcRound: this.dag.gcRound,
      committed: this.dag.committedBlocks().sort(compareBlocks),
    });
    return { decision, commit, collected, checkpoint };
  }
}

/**
 * Orders what a committed leader brings: its history above `leader.round - gcDepth` that no earlier leader committed,
 * itself included, sorted by (round, author, digest). Marks it committed.
 */
function linearize(leader: Block, dag: Dag, gcDepth: number): Block[] {
  const floor = Math.max(0, leader.ref.round - gcDepth);
  const blocks: Block[] = [];
  const pending = [leader];
  const seen = new Set([leader.ref.key]);
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    blocks.push(block);
    dag.markCommitted(block);
    for (const ref of block.refs) {
      if (ref.round <= floor || seen.has(ref.key) || dag.isCommitted(ref)) continue;
      seen.add(ref.key);
      const next = dag.get(ref.key);
      // To go on without it would be to order something else than the others do.
      if (next === undefined) throw new Error(`an accepted block of round ${ref.round} is missing`);
      pending.push(next);
    }
  }
  return blocks.sort(compareBlocks);
}

/**
 * The lower median of the times that a leader's parents claim: between those of two honest validators, or one of them,
 * since at least Q of them stand there, and at most f of those lie.
 */
function medianOfParents(leader: Block, dag: Dag): number {
  const times = leader.parents.flatMap((ref) => (ref && dag.timestampOf(ref)) ?? []);
  times.sort((a, b) => a - b);
  return times[(times.length - 1) >> 1] ?? 0;
}
