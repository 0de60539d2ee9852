import { type KeyObject, verify } from "node:crypto";
import { type Block, type BlockRef, genesisRef, signatureOf } from "./block.ts";
import type { Committee } from "./committee.ts";

/** Says whether a block may be taken at all, whatever else is known. One per chain. */
export interface BlockRules {
  readonly committee: Committee;
  /** Of `chainDomain`. */
  readonly domain: Buffer;
  /** The implicit blocks of round 0, by author. */
  readonly genesis: readonly BlockRef[];
}

export function buildBlockRules(committee: Committee, domain: Buffer): BlockRules {
  const genesis = Array.from({ length: committee.size }, (_, author) => genesisRef(domain, author));
  return { committee, domain, genesis };
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
  if (author >= committee.size) return `its author ${author} is not of the committee`;
  const first = block.refs[0];
  if (first === undefined || first.author !== author) return "its first ref is not its author's own block";
  const seen = new Set<number>();
  let parents = 0;
  for (const ref of block.refs) {
    if (ref.author >= committee.size) return `it refers to author ${ref.author}, who is not of the committee`;
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
