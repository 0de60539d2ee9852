import fc from "fast-check";
import { expect, test } from "vitest";
import { mannKendall } from "../../../../src/metrics/stats/trend/mann-kendall.ts";

// original_test of pymannkendall
test.each([
  ["rising", [1, 2, 3, 4, 5, 6, 7, 8], 0.000_836_627],
  ["no clear trend", [5, 3, 4, 4, 9, 2, 7, 7, 8, 10], 0.071_334_949],
  ["falling, with ties", [10, 9, 9, 8, 8, 7, 9, 6, 5, 5, 4], 0.000_657_888],
  ["all equal", [1, 1, 1, 1, 1], 1],
  ["ups and downs", [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9], 0.006_863_795],
] as const)("%s: as pymannkendall says", (_, values, p) => {
  expect(mannKendall(values)).toBeCloseTo(p, 6);
});

test("neither direction nor scale matters", () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 30 });
  fc.assert(
    fc.property(values, (own) => {
      const p = mannKendall(own);
      expect(mannKendall(own.toReversed())).toBe(p);
      expect(mannKendall(own.map((value) => 3 * value + 7))).toBe(p);
    }),
  );
});
