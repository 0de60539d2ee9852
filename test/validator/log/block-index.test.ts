import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockIndex } from "../../../src/validator/log/block-index.ts";

test("finds blocks by author and round as a plain search does, in whatever order they came", () => {
  const place = fc.record({ author: fc.nat(2), round: fc.integer({ min: 1, max: 12 }) });
  const span = fc.record({ from: fc.nat(14), to: fc.nat(14), most: fc.nat(6) });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 40 }), fc.nat(3), span, (places, author, asked) => {
      const index = new BlockIndex(3);
      places.forEach(({ author: of, round }, offset) => {
        index.add(of, round, offset);
      });
      const all = places
        .map((each, offset) => ({ ...each, offset }))
        .filter((each) => each.author === author)
        .sort((a, b) => a.round - b.round || a.offset - b.offset)
        .map(({ round, offset }) => ({ round, offset }));
      const within = all.filter(({ round }) => round >= asked.from && round <= asked.to);
      expect(index.range(author, asked)).toEqual(within.slice(0, asked.most));
      const at = all.filter(({ round }) => round === asked.from).map(({ offset }) => offset);
      expect(index.find(author, asked.from)).toEqual(at);
      expect(index.highestRound(author)).toBe(all.at(-1)?.round ?? 0);
    }),
  );
});
