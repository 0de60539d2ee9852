import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holmAdjusted } from "../../../src/metrics/stats/holm.ts";

describe("Holm's correction", () => {
  test("multiplies the smallest by all, the next by one less, and never falls", () => {
    // As R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").
    const expected = [0.03, 0.06, 0.06, 0.02];
    holmAdjusted([0.01, 0.04, 0.03, 0.005]).forEach((p, index) => {
      expect(p).toBeCloseTo(expected[index] ?? Number.NaN, 12);
    });
    expect(holmAdjusted([0.5, 0.6])).toEqual([1, 1]);
    expect(holmAdjusted([0.2])).toEqual([0.2]);
    expect(holmAdjusted([])).toEqual([]);
  });

  test("keeps the order, lowers nothing, and is no stricter than multiplying all", () => {
    const many = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(many, (values) => {
        const adjusted = holmAdjusted(values);
        values.forEach((p, i) => {
          const own = adjusted[i] ?? Number.NaN;
          expect(own).toBeGreaterThanOrEqual(p);
          expect(own).toBeLessThanOrEqual(Math.min(1, p * values.length));
          values.forEach((other, j) => {
            if (p < other) expect(own).toBeLessThanOrEqual(adjusted[j] ?? Number.NaN);
          });
        });
      }),
    );
  });
});
