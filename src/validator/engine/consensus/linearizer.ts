import type { Block } from "./block.ts";
import type { Dag } from "./dag.ts";

/**
 * Orders what a committed leader brings: its history above `leader.round - gcDepth` that no earlier leader committed,
 * itself included, sorted by (round, author, digest). Marks it committed.
 */
export function linearize(leader: Block, dag: Dag, gcDepth: number): Block[] {
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
      if (next === undefined) throw new Error(`an accepted block of round ${ref.round} is not held`);
      pending.push(next);
    }
  }
  return blocks.sort(compareBlocks);
}

/** By (round, author, digest). */
export function compareBlocks({ ref: a }: Pick<Block, "ref">, { ref: b }: Pick<Block, "ref">): number {
  return a.round - b.round || a.author - b.author || (a.key < b.key ? -1 : 1);
}

/**
 * The lower median of the times that a leader's parents claim: between those of two honest validators, or one of them,
 * since at least Q of them stand there, and at most f of those lie.
 */
export function medianOfParents(leader: Block, dag: Dag): number {
  const times = leader.parents.flatMap((ref) => (ref && dag.timestampOf(ref)) ?? []);
  times.sort((a, b) => a - b);
  return times[(times.length - 1) >> 1] ?? 0;
}
