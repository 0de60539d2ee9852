import { type KeyObject, sign } from "node:crypto";
import {
  type Block,
  type BlockRef,
  buildBlock,
  buildRef,
  chainDomain,
} from "../../../src/validator/engine/consensus/block.ts";
import { buildCommittee } from "../../../src/validator/engine/consensus/committee.ts";
import { buildBlockRules } from "../../../src/validator/engine/consensus/validity.ts";
import { privateKeyOf, publicKeyObject, publicKeyOf } from "../../../src/validator/wire/keys.ts";
import { validatorSeed } from "../key-seeds.ts";

/** A ref to a block that does not exist. */
export const invented = (author: number, round: number, salt: number): BlockRef =>
  buildRef(author, round, Buffer.alloc(32, `${author} ${round} ${salt}`));

/** A committee whose blocks are signed, for what checks signatures. */
export function openSigners(size: number) {
  const rules = buildBlockRules(buildCommittee(size, 2), chainDomain("signed"));
  const seeds = Array.from({ length: size }, (_, authority) => validatorSeed("signed", authority));
  const privateKeys = seeds.map((seed): KeyObject => privateKeyOf(seed));
  const publicKeys = seeds.map((seed) => publicKeyObject(publicKeyOf(seed)));
  const build = (content: {
    author: number;
    round: number;
    refs: readonly BlockRef[];
    text?: string;
    timestampMs?: number;
  }): Block => {
    const { author, round, refs, text = "", timestampMs = round } = content;
    const own = refs.filter((ref) => ref.author === author);
    const others = refs.filter((ref) => ref.author !== author);
    const block = {
      author,
      round,
      refs: [...own, ...others],
      transactions: [Buffer.from(text)],
      timestampMs,
    };
    const key = privateKeys[author];
    if (key === undefined) throw new Error(`no validator ${author}`);
    return buildBlock(block, rules.domain, (hash) => sign(null, hash, key));
  };
  /** Rounds in which every author refers to the whole round before, from genesis on. */
  const full = (rounds: number): Block[][] => {
    const all: Block[][] = [];
    for (let round = 1; round <= rounds; round++) {
      const refs = all.at(-1)?.map(({ ref }) => ref) ?? rules.genesis;
      all.push(rules.genesis.map(({ author }) => build({ author, round, refs })));
    }
    return all;
  };
  /** A block whose history does not exist. */
  const rootless = (author: number, round: number, salt = 0): Block =>
    build({
      author,
      round,
      refs: rules.genesis.map((ref) => invented(ref.author, round - 1, salt)),
      timestampMs: 0,
    });
  return { rules, publicKeys, build, full, rootless };
}
