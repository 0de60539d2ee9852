import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Agreement } from "../../../src/load/plan/agreement.ts";
import { HeightRanges } from "../../../src/load/plan/height-ranges.ts";

describe("Agreement", () => {
  test("nodes that show the same at every height agree, in whatever order they show it", () => {
    const agreement = new Agreement(3);
    for (let height = 1; height <= 100; height++) agreement.show("a", height, `f${height}`);
    for (let height = 1; height <= 100; height++) {
      agreement.show("b", height, `f${height}`);
      agreement.show("c", height, `f${height}`);
    }
    expect(agreement.findings()).toEqual({
      comparedHeights: 100,
      uncomparedHeights: 0,
      uncompared: [],
      forks: [],
    });
  });

  test("heights that one has not shown are told, at both ends", () => {
    const agreement = new Agreement(2);
    for (let height = 5; height <= 12; height++) agreement.show("a", height, "x");
    for (let height = 7; height <= 10; height++) agreement.show("b", height, "x");
    expect(agreement.findings()).toEqual({
      comparedHeights: 4,
      uncomparedHeights: 4,
      uncompared: [5, 6, 11, 12],
      forks: [],
    });
  });

  test("a height at which one differs is told with what each showed, and counts as not compared", () => {
    const agreement = new Agreement(4);
    agreement.show("a", 5, "x");
    agreement.show("b", 5, "x");
    agreement.show("c", 5, "y");
    agreement.show("d", 5, "x");
    expect(agreement.findings()).toEqual({
      comparedHeights: 0,
      uncomparedHeights: 1,
      uncompared: [],
      forks: [
        {
          height: 5,
          seen: "during",
          shown: [
            { node: "a", fingerprint: "x" },
            { node: "b", fingerprint: "x" },
            { node: "c", fingerprint: "y" },
            { node: "d", fingerprint: "x" },
          ],
        },
      ],
    });
  });

  test("the ten lowest are kept, lowest first", () => {
    const agreement = new Agreement(2);
    for (let height = 50; height >= 1; height--) {
      agreement.show("a", height, "x");
      agreement.show("b", height, "y");
    }
    const { forks, uncomparedHeights } = agreement.findings();
    expect(forks.map(({ height }) => height)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(uncomparedHeights).toBe(50);
  });

  test("a silent node does not let memory grow: the oldest heights are let go, and told as not compared", () => {
    const agreement = new Agreement(2);
    for (let height = 1; height <= 16_394; height++) agreement.show("a", height, "x");
    // The first ten are let go.
    for (let height = 1; height <= 16_393; height++) agreement.show("b", height, "x");
    agreement.show("b", 16_394, "y");
    const { comparedHeights, uncomparedHeights, uncompared, forks } = agreement.findings();
    expect([comparedHeights, uncomparedHeights]).toEqual([16_383, 11]);
    expect(uncompared).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(forks).toMatchObject([{ height: 16_394 }]);
  });

  test("of very many heights that were not compared a thousand are told, from the first to the last", () => {
    const agreement = new Agreement(2);
    for (let height = 1; height <= 100_000; height++) agreement.show("a", height, "x");
    const { uncomparedHeights, uncompared } = agreement.findings();
    expect(uncomparedHeights).toBe(100_000);
    expect(uncompared).toHaveLength(1_000);
    expect([uncompared[0], uncompared.at(-1)]).toEqual([1, 100_000]);
  });
});

describe("HeightRanges", () => {
  const heights = fc.uniqueArray(fc.integer({ min: 1, max: 60 })).map((all) => all.sort((a, b) => a - b));

  test("tell all heights where they are few, else as many as asked for, with first and last", () => {
    fc.assert(
      fc.property(heights, fc.integer({ min: 2, max: 60 }), (all, most) => {
        const ranges = new HeightRanges();
        for (const height of all) ranges.add(height);
        const reported = ranges.spread(most);
        if (all.length <= most) expect(reported).toEqual(all);
        else {
          expect([reported[0], reported.at(-1)]).toEqual([all[0], all.at(-1)]);
          expect(new Set(reported).size).toBe(most);
          expect(reported.every((height) => all.includes(height))).toBe(true);
        }
      }),
    );
  });
});
