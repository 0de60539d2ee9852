import { describe, expect, test } from "vitest";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { groupedRatioInterval, ratioInterval } from "../../../src/metrics/stats/ratio-of-means.ts";

describe("the interval of a ratio of means", () => {
  test("lies about the second mean over the first, the same for one seed", () => {
    const a = [95, 100, 105, 100];
    const b = [190, 200, 210, 200];
    const found = ratioInterval(a, b, seededRandom("one"));
    expect(found.low).toBeGreaterThan(1.8);
    expect(found.low).toBeLessThan(2);
    expect(found.high).toBeGreaterThan(2);
    expect(found.high).toBeLessThan(2.2);
    expect(ratioInterval(a, b, seededRandom("one"))).toEqual(found);
  });

  test("is certain where the values do not vary", () => {
    expect(ratioInterval([4, 4], [1, 1, 1], seededRandom("two"))).toEqual({ low: 0.25, high: 0.25 });
  });

  test("holds the true ratio in about 95 of 100 intervals, from many values a side", () => {
    const random = seededRandom("coverage");
    // The sum of twelve is close to normal: mean 6, standard deviation 1.
    const draw = () => Array.from({ length: 12 }, random.nextRatio).reduce((sum, part) => sum + part, 0);
    let held = 0;
    for (let trial = 0; trial < 200; trial++) {
      const [a, b] = [0, 1].map(() => Array.from({ length: 20 }, draw));
      const { low, high } = ratioInterval(a ?? [], b ?? [], random);
      if (low <= 1 && high >= 1) held++;
    }
    expect(held / 200).toBeGreaterThan(0.88);
    expect(held / 200).toBeLessThan(0.99);
  });

  test.each([
    ["no values", [], [1]],
    ["nothing to compare", [1], []],
    ["a zero to divide by", [0, 0], [1]],
  ])("is none of %s", (_, a, b) => {
    expect(() => ratioInterval(a, b, seededRandom(""))).toThrow(InvalidArgumentError);
  });
});

describe("the interval of a ratio of means of groups", () => {
  test("of one group is the same as without groups", () => {
    const [a, b] = [
      [95, 100, 105, 100],
      [190, 200, 210, 205],
    ];
    const found = groupedRatioInterval([a], [b], seededRandom("one"));
    const { low, high } = ratioInterval(a, b, seededRandom("one"));
    expect(found?.low).toBeCloseTo(low, 1);
    expect(found?.high).toBeCloseTo(high, 1);
  });

  test("knows that groups differ, and takes that for no chance", () => {
    const groups = (factor: number) => [[99, 100, 101, 100].map((value) => value * factor), [0, 0, 0, 0]];
    const grouped = groupedRatioInterval(groups(1), groups(2), seededRandom("two"));
    const mixed = groupedRatioInterval([groups(1).flat()], [groups(2).flat()], seededRandom("two"));
    expect((grouped?.high ?? 0) - (grouped?.low ?? 0)).toBeLessThan(0.1);
    expect((mixed?.high ?? 0) - (mixed?.low ?? 0)).toBeGreaterThan(1);
  });

  test("has no end where what it divides by is often 0", () => {
    expect(groupedRatioInterval([[0, 0, 0, 1]], [[1, 1, 1, 1]], seededRandom("three"))).toBeUndefined();
    expect(groupedRatioInterval([[0, 0]], [[0, 0]], seededRandom("four"))).toBeUndefined();
  });

  test.each([
    ["no values", [[]], [[1]]],
    ["one below 0", [[-1, 2]], [[1]]],
  ])("is none of %s", (_, a, b) => {
    expect(() => groupedRatioInterval(a, b, seededRandom(""))).toThrow(InvalidArgumentError);
  });
});
