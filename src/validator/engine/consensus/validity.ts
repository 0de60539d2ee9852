import { type KeyObject, verify } from "node:crypto";
import { type Block, type BlockFormat, type BlockRef, genesisRef, signatureOf } from "./block.ts";
import type { Committee } from "./committee.ts";

/** Says whether a block may be taken at all, whatever else is known. One per chain. */
export interface BlockRules extends BlockFormat {
  readonly committee: Committee;
  /** The implicit blocks of round 0, by author. */
  readonly genesis: readonly BlockRef[];
  /** What the implicit blocks of round 0 claim, ms since 1970. */
  readonly genesisTimeMs: number;
  /** Rounds below a committed leader that it orders; what is lower still and not committed never will be. */
  readonly gcDepth: number;
}

export const defaultGcDepth = 100;

/** Refs to blocks older than the parents that an honest validator puts into one block, at most. */
export const mostWeakRefs = 256;

/** Latest time a block may claim: heights add a millisecond each, and must stay within four digits of a year. */
export const latestTimestampMs = Date.UTC(9000, 0);

export function buildBlockRules(
  committee: Committee,
  domain: Buffer,
  { genesisTimeMs = 0, gcDepth = defaultGcDepth }: { genesisTimeMs?: number; gcDepth?: number } = {},
): BlockRules {
  const genesis = Array.from({ length: committee.size }, (_, author) => genesisRef(domain, author));
  // Twice the older blocks that are due: what is valid should not hang on how a proposer chooses.
  const mostRefs = committee.size + 2 * mostWeakRefs;
  return { committee, domain, genesis, mostRefs, genesisTimeMs, gcDepth };
}

/**
 * Checks everything about a decoded block but its signature.
 *
 * @returns why the block is invalid, or undefined where it is valid
 */
export function findInvalidity(block: Block, rules: BlockRules): string | undefined {
  const { author, round } = block.ref;
  const { committee } = rules;
  if (round < 1) return "its round is 0";
  if (author >= committee.size) return `its author ${author} is not in the committee`;
  if (block.timestampMs > latestTimestampMs) return `its time ${block.timestampMs} is beyond the year 9000`;
  const first = block.refs[0];
  if (first === undefined || first.author !== author) return "its first ref is not its author's own block";
  const seen = new Set<number>();
  let parents = 0;
  for (const ref of block.refs) {
    if (ref.author >= committee.size) return `it refers to author ${ref.author}, who is not in the committee`;
    if (ref.round >= round)
      return `it refers to round ${ref.round}, which is not below its own round ${round}`;
    if (ref.round === 0 && ref.key !== rules.genesis[ref.author]?.key) return "it refers to another genesis";
    const place = ref.round * committee.size + ref.author;
    if (seen.has(place)) return `it refers twice to author ${ref.author} at round ${ref.round}`;
    seen.add(place);
    if (ref.round === round - 1) parents++;
  }
  if (parents < committee.quorum) {
    return `it refers to ${parents} authors of round ${round - 1}, fewer than ${committee.quorum}`;
  }
  return undefined;
}

/** Whether the author's signature covers the block's content. About 140 µs: once per block. */
export function hasGoodSignature(block: Block, authorKey: KeyObject): boolean {
  return verify(null, block.contentHash, authorKey, signatureOf(block));
}
