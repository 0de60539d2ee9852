import fc from "fast-check";
import { expect, test } from "vitest";
import { theilSen } from "../../../../src/metrics/stats/trend/theil-sen.ts";

const at = (xs: readonly number[], ys: readonly number[]) => xs.map((x, place) => ({ x, y: ys[place] ?? 0 }));

// scipy.stats.theilslopes(y, x, alpha=0.95) of SciPy
test.each([
  [
    "three runs of four sizes",
    [4, 8, 16, 32, 4, 8, 16, 32, 4, 8, 16, 32],
    [30.1, 34.4, 41.9, 60.2, 29.0, 33.8, 43.0, 57.7, 31.2, 35.1, 42.4, 59.0],
    [1.025, 0.970_833_333, 1.075],
  ],
  ["five points", [1, 2, 3, 4, 5], [2, 4.1, 5.9, 8.3, 9.8], [1.95, 1.5, 2.4]],
  ["equal values", [1, 1, 2, 2, 3, 3, 4], [5, 3, 4, 4, 9, 2, 7], [1, -2, 5]],
] as const)("the slope of %s and its interval are SciPy's", (_, xs, ys, [slope, low, high]) => {
  const found = theilSen(at(xs, ys));
  expect(found?.slope).toBeCloseTo(slope, 8);
  expect(found?.low).toBeCloseTo(low, 8);
  expect(found?.high).toBeCloseTo(high, 8);
});

test("too few points have no interval, and points above each other no slope", () => {
  expect(theilSen(at([1, 2, 3, 4], [2, 4, 6, 8]))).toEqual({ slope: 2 });
  expect(theilSen(at([3, 3, 3], [1, 2, 3]))).toBeUndefined();
  expect(theilSen([])).toBeUndefined();
});

test("a fifth of outliers does not move the slope of a line", () => {
  const number = fc.integer({ min: -1_000, max: 1_000 });
  fc.assert(
    fc.property(number, number, fc.array(number, { minLength: 4, maxLength: 4 }), (slope, base, outliers) => {
      const points = Array.from({ length: 20 }, (_, x) => ({ x, y: base + slope * x }));
      for (const [place, y] of outliers.entries()) points[place * 5] = { x: place * 5, y };
      expect(theilSen(points)?.slope).toBeCloseTo(slope, 8);
    }),
  );
});
