import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { relativeError } from "../../../src/metrics/stats/histogram.ts";
import { SignedRecord } from "../../../src/metrics/stats/signed-record.ts";

const differences = fc.array(fc.integer({ min: -3_600_000_000, max: 3_600_000_000 }), { minLength: 1 });

function recorded(values: readonly number[]): SignedRecord {
  const record = new SignedRecord();
  for (const value of values) record.record(value);
  return record;
}

describe("differences that may be negative", () => {
  test("keep count, extremes and sum exactly", () => {
    fc.assert(
      fc.property(differences, (values) => {
        const record = recorded(values);
        expect(record.count).toBe(values.length);
        expect(record.negative.measured.count).toBe(values.filter((value) => value < 0).length);
        expect(record.minUs).toBe(Math.min(...values) + 0);
        expect(record.maxUs).toBe(Math.max(...values) + 0);
        expect(record.sumUs).toBe(values.reduce((sum, value) => sum + BigInt(value), 0n));
      }),
    );
  });

  test("have the nearest-rank quantiles of the values themselves, within the histogram's error", () => {
    const shares = fc.constantFrom(0, 0.01, 0.07, 0.5, 0.9, 0.99, 1);
    fc.assert(
      fc.property(differences, shares, (values, q) => {
        const sorted = [...values].sort((a, b) => a - b);
        const rank = Math.max(1, Math.ceil(q * sorted.length * (1 - Number.EPSILON)));
        const exact = sorted[rank - 1] ?? Number.NaN;
        const found = recorded(values).quantile(q);
        expect(Math.sign(found) * Math.sign(exact)).toBeGreaterThanOrEqual(0);
        expect(Math.abs(found)).toBeGreaterThanOrEqual(Math.abs(exact));
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.abs(exact) * relativeError);
      }),
    );
  });

  test("are none at first: no extremes, no quantiles", () => {
    const record = new SignedRecord();
    expect([record.count, record.minUs, record.maxUs, record.sumUs]).toEqual([0, undefined, undefined, 0n]);
    expect(() => record.quantile(0.5)).toThrow(InvalidArgumentError);
  });
});
