import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { Histogram, largestTrackableUs, relativeError } from "../../../src/metrics/stats/histogram.ts";

const value = fc.oneof(
  fc.nat({ max: 3_000 }),
  fc.nat({ max: 50_000_000 }),
  fc.nat({ max: 31 }).map((bits) => Math.min(2 ** bits, largestTrackableUs)),
  fc.integer({ min: 0, max: largestTrackableUs }),
);
const values = fc.array(value, { minLength: 1, maxLength: 300 });

function histogramOf(list: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const one of list) histogram.record(one);
  return histogram;
}

test("values that are known to be whole are counted as all others are, and forgotten without a trace", () => {
  const facts = (histogram: Histogram) => {
    const { count, overflowed, minUs, maxUs } = histogram;
    return { count, overflowed, minUs, maxUs, counts: histogram.counts() };
  };
  const above = fc.constantFrom(largestTrackableUs + 1, 2 ** 52);
  fc.assert(
    fc.property(fc.array(fc.oneof(value, above)), values, (first, second) => {
      const histogram = new Histogram();
      for (const list of [first, second]) {
        histogram.clear();
        for (const one of list) histogram.recordWhole(one);
        expect(facts(histogram)).toEqual(facts(histogramOf(list)));
      }
      const both = histogramOf(first);
      both.merge(histogram);
      expect(facts(both)).toEqual(facts(histogramOf([...first, ...second])));
    }),
    { numRuns: 30 },
  );
});

describe("quantile", () => {
  test("is the nearest-rank value of the sorted values, never below it, at most the stated error above", () => {
    fc.assert(
      fc.property(values, fc.nat({ max: 1000 }), (list, perMille) => {
        const sorted = list.toSorted((a, b) => a - b);
        const rank = Math.max(1, Number((BigInt(perMille) * BigInt(list.length) + 999n) / 1000n));
        const exact = sorted[rank - 1] ?? Number.NaN;
        const found = histogramOf(list).quantile(perMille / 1000);
        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found).toBeLessThanOrEqual(exact * (1 + relativeError));
      }),
    );
  });

  test("is exact for values below 2,048 µs", () => {
    const histogram = histogramOf(Array.from({ length: 2048 }, (_, i) => i));
    expect([0, 0.5, 0.999, 1].map((q) => histogram.quantile(q))).toEqual([0, 1023, 2045, 2047]);
  });

  test("does not step over a rank by rounding: 0.07 of 100 values is the seventh", () => {
    const histogram = histogramOf(Array.from({ length: 100 }, (_, i) => i + 1));
    for (let percent = 1; percent <= 100; percent++) expect(histogram.quantile(percent / 100)).toBe(percent);
  });

  test("refuses an empty histogram and a probability out of range", () => {
    expect(() => new Histogram().quantile(0.5)).toThrow(InvalidArgumentError);
    expect(() => histogramOf([1]).quantile(1.01)).toThrow(InvalidArgumentError);
    expect(() => histogramOf([1]).quantile(Number.NaN)).toThrow(InvalidArgumentError);
  });
});

describe("record", () => {
  test("keeps count, least and largest exactly", () => {
    fc.assert(
      fc.property(values, (list) => {
        const histogram = histogramOf(list);
        expect(histogram.count).toBe(list.length);
        expect(histogram.minUs).toBe(Math.min(...list));
        expect(histogram.maxUs).toBe(Math.max(...list));
      }),
    );
  });

  test("says nothing of least and largest where there is nothing", () => {
    const histogram = new Histogram();
    expect([histogram.count, histogram.minUs, histogram.maxUs]).toEqual([0, undefined, undefined]);
  });

  test("counts values above one hour as overflowed, and keeps the largest", () => {
    const histogram = histogramOf([5, largestTrackableUs, largestTrackableUs + 1, 2 ** 40]);
    expect(histogram.overflowed).toBe(2);
    expect(histogram.count).toBe(4);
    expect(histogram.maxUs).toBe(2 ** 40);
    expect(histogram.quantile(1)).toBe(2 ** 40);
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %s", (bad) => {
    expect(() => new Histogram().record(bad)).toThrow(InvalidArgumentError);
  });
});

describe("clear", () => {
  test("leaves nothing of what was recorded before", () => {
    fc.assert(
      fc.property(values, values, (before, after) => {
        const used = histogramOf(before);
        used.add(largestTrackableUs + 1, 3);
        used.clear();
        expect([used.count, used.minUs, used.maxUs, used.overflowed, used.counts().length]).toEqual([
          0,
          undefined,
          undefined,
          0,
          0,
        ]);
        for (const one of after) used.record(one);
        const fresh = histogramOf(after);
        expect(used.counts()).toEqual(fresh.counts());
        expect([used.count, used.minUs, used.maxUs]).toEqual([fresh.count, fresh.minUs, fresh.maxUs]);
      }),
    );
  });
});

describe("add", () => {
  test.each([Number.POSITIVE_INFINITY, Number.NaN, -1, 0.5, 2 ** 53])(
    "refuses to count %d times",
    (times) => {
      expect(() => new Histogram().add(7, times)).toThrow(InvalidArgumentError);
    },
  );
});

describe("merge", () => {
  test("equals the histogram of the pooled values", () => {
    fc.assert(
      fc.property(values, fc.array(value, { maxLength: 300 }), (one, other) => {
        const merged = histogramOf(one);
        merged.merge(histogramOf(other));
        const pooled = histogramOf([...one, ...other]);
        expect(merged.counts()).toEqual(pooled.counts());
        expect([merged.count, merged.minUs, merged.maxUs]).toEqual([
          pooled.count,
          pooled.minUs,
          pooled.maxUs,
        ]);
      }),
    );
  });
});
