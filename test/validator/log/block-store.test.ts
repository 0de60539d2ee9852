import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockIndex } from "../../../src/validator/log/block-store.ts";

test("finds blocks by author and round as a plain search does, in whatever order they came", () => {
  const place = fc.record({ author: fc.nat(2), round: fc.integer({ min: 1, max: 12 }) });
  const span = fc.record({ from: fc.nat(14), to: fc.nat(14), most: fc.nat(6) });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 40 }), fc.nat(3), span, (places, author, asked) => {
      const index = new BlockIndex(3);
      places.forEach(({ author: of, round }, position) => {
        index.add({ author: of, round: round }, position);
      });
      const all = places
        .map((each, position) => ({ ...each, position }))
        .filter((each) => each.author === author)
        .sort((a, b) => a.round - b.round || a.position - b.position)
        .map(({ round, position }) => ({ round, position }));
      const within = all.filter(({ round }) => round >= asked.from && round <= asked.to);
      expect(index.range(author, asked)).toEqual(within.slice(0, asked.most));
      const at = all.filter(({ round }) => round === asked.from).map(({ position }) => position);
      expect(index.find({ author, round: asked.from })).toEqual(at);
      expect(index.highestRound(author)).toBe(all.at(-1)?.round ?? 0);
    }),
  );
});

test("forgets what stands before a position, follows a block to another one, and still knows how far each came", () => {
  const index = new BlockIndex(2);
  for (let round = 1; round <= 6; round++) index.add({ author: 0, round: round }, 10 * round);
  index.add({ author: 1, round: 3 }, 35);
  index.move({ author: 0, round: 2 }, 100);
  index.forgetBelow(36);
  const everything = { from: 1, to: 9, most: 9 };
  expect(index.range(0, everything)).toEqual([
    { round: 2, position: 100 },
    { round: 4, position: 40 },
    { round: 5, position: 50 },
    { round: 6, position: 60 },
  ]);
  expect([index.size, index.range(1, everything), index.highestRound(1)]).toEqual([4, [], 3]);
  // Which of two twins moved is not known: both places count then.
  index.add({ author: 0, round: 4 }, 41);
  index.move({ author: 0, round: 4 }, 101);
  expect(index.find({ author: 0, round: 4 })).toEqual([40, 41, 101]);
});
