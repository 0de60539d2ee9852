import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { mannWhitney, smallestP } from "../../../src/metrics/stats/mann-whitney.ts";

/** By enumeration: of all ways to choose the values of `b`, the share whose rank sum is at least as far from its mean. */
function enumeratedP(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b];
  const ranks = all.map((one) => {
    const below = all.filter((other) => other < one).length;
    return below + (all.filter((other) => other === one).length + 1) / 2;
  });
  const sums: number[] = [];
  const choose = (from: number, left: number, sum: number) => {
    if (left === 0) sums.push(sum);
    else for (let i = from; i < ranks.length; i++) choose(i + 1, left - 1, sum + (ranks[i] ?? 0));
  };
  choose(0, b.length, 0);
  const mean = (b.length * (all.length + 1)) / 2;
  const seen = ranks.slice(a.length).reduce((sum, rank) => sum + rank, 0);
  return sums.filter((sum) => Math.abs(sum - mean) >= Math.abs(seen - mean)).length / sums.length;
}

const values = (most: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: most });

describe("the Mann-Whitney test", () => {
  // As R's wilcox.test has them: 2 of C(8, 4), of C(10, 5), of C(9, 4) ways.
  test.each([
    [[1, 2, 3, 4], [5, 6, 7, 8], 2 / 70, 1],
    [[6, 7, 8, 9, 10], [1, 2, 3, 4, 5], 2 / 252, -1],
    [[1, 2, 3, 4], [5, 6, 7, 8, 9], 2 / 126, 1],
    // One exchange away from the extreme: 4 of 252 ways are as far, and 24 of 25 pairs are in order.
    [[1, 2, 3, 4, 6], [5, 7, 8, 9, 10], 4 / 252, 23 / 25],
    [[1, 1, 1], [1, 1, 1], 1, 0],
  ])("of %j and %j", (a, b, p, delta) => {
    expect(mannWhitney(a, b).p).toBeCloseTo(p, 12);
    expect(mannWhitney(a, b).delta).toBeCloseTo(delta, 12);
  });

  test("is what enumeration finds, with ties too", () => {
    fc.assert(
      fc.property(values(6), values(6), (a, b) => {
        expect(mannWhitney(a, b).p).toBeCloseTo(enumeratedP(a, b), 12);
      }),
    );
  });

  test("has an effect size that counts pairs, and changes its sign with the sides", () => {
    fc.assert(
      fc.property(values(40), values(40), (a, b) => {
        const pairs = a.flatMap((one) => b.map((other) => Math.sign(other - one) as number));
        const delta = pairs.reduce((sum, sign) => sum + sign, 0) / pairs.length;
        expect(mannWhitney(a, b).delta).toBeCloseTo(delta, 12);
        expect(mannWhitney(b, a).delta).toBeCloseTo(-delta, 12);
        expect(mannWhitney(b, a).p).toBeCloseTo(mannWhitney(a, b).p, 12);
      }),
    );
  });

  test("hardly changes where the approximation takes over", () => {
    const a = Array.from({ length: 25 }, (_, i) => i * 2);
    for (const shift of [3, 9, 15]) {
      const b = a.map((value) => value + shift);
      const exact = mannWhitney(a, b).p;
      // One value more makes it 51; it lies in the middle, where it moves nothing much.
      const approximate = mannWhitney(a, [...b, 24 + shift / 2]).p;
      expect(Math.abs(approximate - exact)).toBeLessThan(0.02 + exact * 0.1);
    }
    expect(mannWhitney(Array(30).fill(1), Array(30).fill(1)).p).toBe(1);
  });

  test("refuses what has no ranks", () => {
    for (const [a, b] of [
      [[], [1]],
      [[1], []],
      [[1], [Number.NaN]],
    ] as const)
      expect(() => mannWhitney(a, b)).toThrow(InvalidArgumentError);
  });
});

test("the smallest p of so many values a side is that of two that do not overlap", () => {
  for (const [countA, countB] of [
    [1, 1],
    [4, 4],
    [5, 5],
    [3, 7],
    [8, 5],
  ] as const) {
    const low = Array.from({ length: countA }, (_, i) => i);
    const high = Array.from({ length: countB }, (_, i) => 100 + i);
    expect(smallestP(countA, countB)).toBeCloseTo(mannWhitney(low, high).p, 12);
  }
});
