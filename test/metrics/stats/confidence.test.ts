import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { meanInterval, studentQuantile, studentTails } from "../../../src/metrics/stats/confidence.ts";

describe("Student's t at 97.5 %", () => {
  // qt(0.975, df) of R, as printed in every table.
  test.each([
    [1, 12.7062],
    [2, 4.30265],
    [3, 3.18245],
    [4, 2.77645],
    [5, 2.57058],
    [9, 2.26216],
    [10, 2.22814],
    [29, 2.04523],
    [30, 2.04227],
    [120, 1.97993],
    [1_000_000, 1.959966],
  ])("of %i degrees of freedom is %f", (degrees, quantile) => {
    expect(studentQuantile(degrees)).toBeCloseTo(quantile, quantile > 10 ? 3 : 5);
  });
});

// 2 * pt(-t, df) of R.
test.each([
  [0, 7, 1],
  [2, 5, 0.101939479],
  [0.5, 1, 0.704832765],
  [10, 3, 0.002128399],
  [5, 40, 1.18400657e-5],
  [Number.POSITIVE_INFINITY, 4, 0],
])("beyond t = %f lies of %i degrees of freedom %f", (t, degrees, p) => {
  expect(studentTails(t, degrees)).toBeCloseTo(p, 9);
});

describe("the interval of a mean", () => {
  test("is mean ± t · s / √n", () => {
    // mean 3, s = √2.5, t = 2.776445: half = 1.963243
    const { mean, low, high } = meanInterval([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(low).toBeCloseTo(1.036757, 6);
    expect(high).toBeCloseTo(4.963243, 6);
  });

  test("is absent of one value, and there is none of no value", () => {
    expect(meanInterval([7])).toEqual({ mean: 7 });
    for (const values of [[], [1, Number.NaN], [Number.POSITIVE_INFINITY]])
      expect(() => meanInterval(values)).toThrow(InvalidArgumentError);
  });

  test("holds its mean, and moves and stretches with the values", () => {
    const few = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(few, fc.double({ min: 0.1, max: 10, noNaN: true }), (values, factor) => {
        const { mean, low = Number.NaN, high = Number.NaN } = meanInterval(values);
        expect(low).toBeLessThanOrEqual(mean);
        expect(high).toBeGreaterThanOrEqual(mean);
        const moved = meanInterval(values.map((value) => value * factor + 5));
        expect(moved.low).toBeCloseTo(low * factor + 5, 5);
        expect(moved.high).toBeCloseTo(high * factor + 5, 5);
      }),
    );
  });
});
