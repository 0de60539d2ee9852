import fc from "fast-check";
import { expect, test } from "vitest";
import { disjointRounds } from "../../../src/shaper/probe/rounds.ts";

test("each pair has one round, and no node two pairs in one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 16 }), (nodes, most) => {
      const names = Array.from({ length: nodes }, (_, at) => `node${at}`);
      const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
      const rounds = disjointRounds(pairs, most);
      expect(new Set(rounds.flat())).toEqual(new Set(pairs));
      for (const round of rounds) {
        expect(round.length).toBeLessThanOrEqual(most);
        expect(new Set(round.flatMap(({ from, to }) => [from, to])).size).toBe(2 * round.length);
      }
    }),
  );
});
