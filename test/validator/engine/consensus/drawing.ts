import {
  type Block,
  type BlockRef,
  buildBlock,
  chainDomain,
} from "../../../../src/validator/engine/consensus/block.ts";
import { buildCommittee } from "../../../../src/validator/engine/consensus/committee.ts";
import type { Decision } from "../../../../src/validator/engine/consensus/committer.ts";
import { buildBlockRules } from "../../../../src/validator/engine/consensus/validity.ts";

const letters = "ABCDEFGHIJ";

/**
 * Draws DAGs in a short notation: block `B3` is author B's at round 3, `B3'` its twin.
 * Blocks are unsigned: the consensus modules never look at signatures.
 */
export function startDrawing(authors: number, leadersPerRound: number) {
  const rules = buildBlockRules(buildCommittee(authors, leadersPerRound), chainDomain("drawing"));
  const byName = new Map<string, Block>();
  const blocks: Block[] = [];
  const everyone = letters.slice(0, authors);

  const refOf = (name: string): BlockRef => {
    const [, letter = "", round] = /^([A-J])(\d+)/.exec(name) ?? [];
    const ref = round === "0" ? rules.genesis[letters.indexOf(letter)] : byName.get(name)?.ref;
    if (ref === undefined) throw new Error(`${name} is not drawn yet`);
    return ref;
  };
  const heldAt = (round: number) =>
    [...everyone].map((letter) => `${letter}${round}`).filter((name) => round === 0 || byName.has(name));
  const previousOf = (letter: string, round: number) => {
    for (let below = round - 1; below > 0; below--) {
      if (byName.has(`${letter}${below}`)) return `${letter}${below}`;
    }
    return `${letter}0`;
  };

  /** Draws one block; its author's own previous block comes first, whatever the order of the names. */
  const block = (name: string, refs: readonly string[], transactions: readonly Uint8Array[] = []) => {
    const [, letter = "", digits = "", twin = ""] = /^([A-J])(\d+)('*)$/.exec(name) ?? [];
    const round = Number(digits);
    const own = refs.find((ref) => ref.startsWith(letter)) ?? previousOf(letter, round);
    const built = buildBlock(
      {
        author: letters.indexOf(letter),
        round,
        refs: [own, ...refs.filter((ref) => ref !== own)].map(refOf),
        transactions,
        timestampMs: 1_000_000 + round * 50 + twin.length,
      },
      rules.domain,
      () => new Uint8Array(64),
    );
    byName.set(name, built);
    blocks.push(built);
    return built;
  };
  /** Full rounds: each of `by` refers to all blocks of the round before. */
  const full = (from: number, to: number, by = everyone) => {
    for (let round = from; round <= to; round++) {
      const refs = heldAt(round - 1);
      for (const letter of by) block(`${letter}${round}`, refs);
    }
  };
  /** Some blocks of one round with the same refs. */
  const some = (by: string, round: number, refs: readonly string[]) => {
    for (const letter of by) block(`${letter}${round}`, refs);
  };
  const named = (name: string) => byName.get(name);
  return { rules, blocks, block, full, some, heldAt, named };
}

/** `DC B1`, `IS B1<A4>`, … as in the specification's table. */
export function describeDecision(decision: Decision): string {
  const how = decision.anchor === undefined ? "D" : "I";
  const what = decision.outcome === "commit" ? "C" : "S";
  const anchor = decision.anchor === undefined ? "" : `<${nameOf(decision.anchor.ref)}>`;
  return `${how}${what} ${nameOf({ author: decision.authority, round: decision.slot.round })}${anchor}`;
}

function nameOf(place: { readonly author: number; readonly round: number }): string {
  return `${letters[place.author]}${place.round}`;
}
