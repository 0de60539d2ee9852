import { expect, test } from "vitest";
import { medianOf, quantileOf, quantileOfSorted } from "../../../src/core/numbers/quantile.ts";

test("a quantile is the value of the nearest rank", () => {
  const values = [40, 10, 30, 20];
  expect([0, 0.25, 0.5, 0.51, 1].map((q) => quantileOf(values, q))).toEqual([10, 10, 20, 30, 40]);
  expect(quantileOfSorted([10, 20, 30, 40], 0.75)).toBe(30);
});

test("the median of an even number of values lies between the middle two", () => {
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  expect(medianOf([])).toBeUndefined();
});
