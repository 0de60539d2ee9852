import { expect, test } from "vitest";
import { fitSlope } from "../../benchmarks/suite/slope.ts";

test("points on a line have its slope, without error", () => {
  const { slope, standardError } = fitSlope([1, 2, 3, 4].map((x) => [x, 5 - 2 * x] as const));
  expect(slope).toBeCloseTo(-2, 12);
  expect(standardError).toBeCloseTo(0, 12);
});

test("slope and error are those of a worked example", () => {
  // By hand: means 3 and 4, Sxx 10, Sxy 6, residuals -0.8, 0.6, 1, -0.6, -0.2: 2.4 / 3 / 10.
  const { slope, standardError } = fitSlope([
    [1, 2],
    [2, 4],
    [3, 5],
    [4, 4],
    [5, 5],
  ]);
  expect(slope).toBeCloseTo(0.6, 12);
  expect(standardError).toBeCloseTo(Math.sqrt(0.08), 12);
});

test("fewer than three points have no slope", () => {
  expect(() => fitSlope([[1, 1]])).toThrow("1 points");
});
