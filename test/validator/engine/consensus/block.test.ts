import { sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Block,
  type BlockContent,
  type BlockRef,
  buildBlock,
  buildRef,
  chainDomain,
  decodeBlock,
  largestBlockBytes,
  transactionsOf,
} from "../../../../src/validator/engine/consensus/block.ts";
import { buildCommittee } from "../../../../src/validator/engine/consensus/committee.ts";
import {
  buildBlockRules,
  findInvalidity,
  hasGoodSignature,
  latestTimestampMs,
  mostWeakRefs,
} from "../../../../src/validator/engine/consensus/validity.ts";
import { privateKeyOf, publicKeyObject, publicKeyOf } from "../../../../src/validator/wire/keys.ts";
import { validatorSeed } from "../../key-seeds.ts";

const domain = chainDomain("chain");
const rules = buildBlockRules(buildCommittee(4, 1), domain);
const seed = validatorSeed("seed", 1);
const authorKey = publicKeyObject(publicKeyOf(seed));
const signed = (content: BlockContent) =>
  buildBlock(content, domain, (hash) => sign(null, hash, privateKeyOf(seed)));

const anyRef = fc
  .tuple(fc.nat(0xffff), fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([author, round, digest]) => buildRef(author, round, Buffer.from(digest)));
const anyContent = fc.record({
  author: fc.nat(0xffff),
  round: fc.maxSafeNat(),
  refs: fc.array(anyRef, { maxLength: 8 }),
  transactions: fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }),
  timestampMs: fc.maxSafeNat(),
});

describe("block encoding", () => {
  test("what is encoded is decoded to the same", () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        const block = signed(content);
        const decoded = decodeBlock(Buffer.from(block.encoded), rules);
        expect(decoded).toEqual(block);
        expect(transactionsOf(block).map((each) => [...each])).toEqual(
          content.transactions.map((each) => [...each]),
        );
        expect(hasGoodSignature(block, authorKey)).toBe(true);
      }),
    );
  });

  test("any changed byte changes the digest, and breaks the signature unless it is no block at all", () => {
    fc.assert(
      fc.property(anyContent, fc.nat(), fc.integer({ min: 1, max: 255 }), (content, place, change) => {
        const block = signed(content);
        const bytes = Buffer.from(block.encoded);
        const at = place % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(at) ^ change, at);
        const decoded = decodeBlock(bytes, rules);
        if (decoded === undefined) return;
        expect(decoded.ref.key).not.toBe(block.ref.key);
        expect(hasGoodSignature(decoded, authorKey)).toBe(false);
      }),
    );
  });

  test("bytes cut off, added, or of any kind are refused, not thrown at", () => {
    fc.assert(
      fc.property(anyContent, fc.nat(), (content, place) => {
        const { encoded } = signed(content);
        expect(decodeBlock(encoded.subarray(0, place % encoded.length), rules)?.ref.key).toBeUndefined();
        const longer = Buffer.concat([encoded, Buffer.alloc(1 + (place % 9))]);
        expect(decodeBlock(longer, rules)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void decodeBlock(Buffer.from(bytes), rules)),
    );
    expect(decodeBlock(Buffer.alloc(largestBlockBytes + 1), rules)).toBeUndefined();
  });

  test("more refs than any honest validator makes are refused before they are read", () => {
    const withRefs = (count: number) => {
      const refs = Array.from({ length: count }, (_, i) => buildRef(1, i, Buffer.alloc(32)));
      return signed({ author: 1, round: 9_999, refs, transactions: [], timestampMs: 1 }).encoded;
    };
    expect(rules.mostRefs).toBeGreaterThanOrEqual(4 + mostWeakRefs);
    expect(decodeBlock(withRefs(rules.mostRefs), rules)?.refs.length).toBe(rules.mostRefs);
    expect(decodeBlock(withRefs(rules.mostRefs + 1), rules)).toBeUndefined();
    expect(decodeBlock(withRefs(65_535), rules)).toBeUndefined();
  });

  test("the same content on another chain has another digest and signature", () => {
    const content = { author: 1, round: 1, refs: [...rules.genesis], transactions: [], timestampMs: 1 };
    const block = signed(content);
    const elsewhere = decodeBlock(block.encoded, { ...rules, domain: chainDomain("another") });
    expect(elsewhere?.ref.key).not.toBe(block.ref.key);
    expect(elsewhere && hasGoodSignature(elsewhere, authorKey)).toBe(false);
  });
});

describe("block validity", () => {
  const [a0, b0, c0, d0] = rules.genesis as [BlockRef, BlockRef, BlockRef, BlockRef];
  const ref = (author: number, round: number, fill = 0) => buildRef(author, round, Buffer.alloc(32, fill));
  const build = (content: Partial<BlockContent>): Block =>
    signed({ author: 1, round: 1, refs: [b0, a0, c0], transactions: [], timestampMs: 1, ...content });

  test.each([
    ["round 1 on the genesis of a quorum", {}],
    ["the latest time", { timestampMs: latestTimestampMs }],
    ["its own block one round below, and the others'", { round: 8, refs: [ref(1, 7), ref(0, 7), ref(2, 7)] }],
    [
      "a gap after its own last block, and an older block of another",
      { round: 8, refs: [ref(1, 2), ref(0, 7), ref(2, 7), ref(3, 7), ref(3, 5)] },
    ],
  ])("valid: %s", (_, content) => {
    expect(findInvalidity(build(content), rules)).toBeUndefined();
  });

  test.each([
    ["round 0", { round: 0, refs: [] }, /round is 0/],
    ["an author beyond the committee", { author: 4, refs: [ref(4, 0), a0, b0, c0] }, /author 4/],
    ["no refs", { refs: [] }, /first ref/],
    ["another's block first", { refs: [a0, b0, c0] }, /first ref/],
    [
      "a ref beyond the committee",
      { round: 2, refs: [ref(1, 1), ref(9, 1), ref(0, 1), ref(2, 1)] },
      /author 9/,
    ],
    ["a ref to its own round", { round: 2, refs: [ref(1, 1), ref(0, 2), ref(2, 1), ref(3, 1)] }, /not below/],
    [
      "two refs to one place",
      { round: 2, refs: [ref(1, 1), ref(0, 1), ref(0, 1, 7), ref(2, 1)] },
      /refers twice/,
    ],
    ["too few authors just below", { round: 2, refs: [ref(1, 1), ref(0, 1), d0, c0] }, /2 authors/],
    ["a time that no date can say", { timestampMs: 9e15 }, /time 9000000000000000 is beyond/],
    ["a time that leaves later blocks none", { timestampMs: 253_402_300_799_999 }, /beyond the year 9000/],
    ["another genesis", { refs: [b0, a0, ref(2, 0, 1)] }, /another genesis/],
  ])("invalid: %s", (_, content, reason) => {
    expect(findInvalidity(build(content), rules)).toMatch(reason);
  });

  test("a signature by another key is bad", () => {
    const other = publicKeyObject(publicKeyOf(validatorSeed("seed", 2)));
    expect(hasGoodSignature(build({}), authorKey)).toBe(true);
    expect(hasGoodSignature(build({}), other)).toBe(false);
  });
});
