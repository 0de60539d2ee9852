import type { Block } from "./block.ts";
import type { Dag } from "./dag.ts";

/**
 * Orders what a committed leader brings: its history that no earlier leader committed, itself included, sorted by
 * (round, author, digest). Marks it committed.
 * No earlier slot can have committed the leader itself: histories hold lower rounds only.
 */
export function linearize(leader: Block, dag: Dag): Block[] {
  const blocks: Block[] = [];
  const pending = [leader];
  const seen = new Set([leader.ref.key]);
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    blocks.push(block);
    dag.markCommitted(block.ref);
    for (const { key } of block.refs) {
      if (seen.has(key) || dag.isCommitted(key)) continue;
      seen.add(key);
      const next = dag.get(key);
      if (next !== undefined) pending.push(next);
    }
  }
  return blocks.sort(compareBlocks);
}

function compareBlocks({ ref: a }: Block, { ref: b }: Block): number {
  return a.round - b.round || a.author - b.author || (a.key < b.key ? -1 : 1);
}
