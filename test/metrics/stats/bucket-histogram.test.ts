import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BucketHistogram,
  countOf,
  differenceOf,
  histogramDiagnostics,
  mergeHistograms,
  quantileBounds,
  summarizeBuckets,
} from "../../../src/metrics/stats/bucket-histogram.ts";

/** Counts values as a node does. */
function countInto(edges: readonly number[], values: readonly number[]): BucketHistogram {
  return {
    edges: [...edges, Number.POSITIVE_INFINITY],
    counts: [...edges, Number.POSITIVE_INFINITY].map(
      (edge) => values.filter((value) => value <= edge).length,
    ),
    sum: values.reduce((sum, value) => sum + value, 0),
  };
}

const value = fc.integer({ min: 1, max: 2000 });
const edges = fc
  .uniqueArray(fc.integer({ min: 0, max: 1500 }), { maxLength: 12 })
  .map((all) => all.sort((a, b) => a - b));
const quantile = fc.oneof(
  fc.constantFrom(0, 0.5, 0.9, 0.99, 0.999, 1),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

/** The value at rank ⌈q · count⌉, the product without its rounding error. */
function nearestRank(values: readonly number[], q: number): number {
  const rising = [...values].sort((a, b) => a - b);
  return rising[Math.max(1, Math.ceil(q * rising.length * (1 - Number.EPSILON))) - 1] ?? Number.NaN;
}

const meanOf = (histogram: BucketHistogram) => summarizeBuckets(histogram, 1, undefined).meanMs;

const merged = (parts: readonly BucketHistogram[]) => {
  const outcome = mergeHistograms(parts.map((histogram, at) => ({ name: `node${at}`, histogram })));
  if (outcome.state !== "counted") throw new Error(outcome.reason);
  return outcome.histogram;
};

describe("histograms of several nodes", () => {
  test("merged, bound the quantiles of all their values together, and their mean is exact", () => {
    fc.assert(
      fc.property(
        edges,
        fc.array(fc.array(value, { maxLength: 60 }), { minLength: 1, maxLength: 5 }),
        quantile,
        (upTo, nodes, q) => {
          const pooled = nodes.flat();
          const whole = merged(nodes.map((values) => countInto(upTo, values)));
          expect(whole).toEqual(countInto(upTo, pooled));
          expect(histogramDiagnostics(whole)).toEqual([]);
          const bounds = quantileBounds(whole, q);
          if (pooled.length === 0) {
            expect([bounds, meanOf(whole)]).toEqual([undefined, undefined]);
            return;
          }
          const truth = nearestRank(pooled, q);
          expect(truth).toBeGreaterThan(bounds?.above ?? Number.NaN);
          expect(truth).toBeLessThanOrEqual(bounds?.upTo ?? Number.NaN);
          expect(meanOf(whole)).toBe(pooled.reduce((sum, one) => sum + one, 0) / pooled.length);
        },
      ),
    );
  });

  test("with other edges are refused, and it is said whose they are", () => {
    const parts = [
      { name: "node0", histogram: countInto([1, 2], [1]) },
      { name: "node1", histogram: countInto([1, 2], [1]) },
      { name: "node2", histogram: countInto([1, 2.5], [1]) },
    ];
    expect(mergeHistograms(parts)).toEqual({
      state: "refused",
      reason: "edges differ: node0 has 3 (1, 2, Infinity), node2 has 3 (1, 2.5, Infinity)",
    });
  });

  test.each([
    [
      "no bucket without end",
      { edges: [1], counts: [1], sum: 1 },
      "node0: its last bucket is not open-ended",
    ],
    ["fewer counts than edges", { edges: [1, Infinity], counts: [1], sum: 1 }, "one count per edge"],
    ["edges that fall", { edges: [2, 1, Infinity], counts: [1, 1, 1], sum: 1 }, "do not ascend"],
    ["counts that fall", { edges: [1, Infinity], counts: [2, 1], sum: 1 }, "do not add up"],
    ["half a value", { edges: [1, Infinity], counts: [0.5, 1], sum: 1 }, "whole numbers"],
    ["no sum", { edges: [Infinity], counts: [1], sum: Number.NaN }, "its sum is not a number"],
  ])("with %s are refused", (_, histogram, reason) => {
    const outcome = mergeHistograms([{ name: "node0", histogram }]);
    expect(outcome).toEqual({ state: "refused", reason: expect.stringContaining(reason) });
  });

  test("none at all is a mistake of the caller", () => {
    expect(() => mergeHistograms([])).toThrow("at least one");
  });
});

describe("two moments of a histogram", () => {
  test("differ by what was counted in between", () => {
    fc.assert(
      fc.property(edges, fc.array(value), fc.array(value), (upTo, first, then) => {
        const outcome = differenceOf(countInto(upTo, first), countInto(upTo, [...first, ...then]));
        expect(outcome).toEqual({ state: "counted", histogram: countInto(upTo, then) });
      }),
    );
  });

  test("show a counter that began anew wherever a bucket has less than it had, and hold what was counted since", () => {
    fc.assert(
      fc.property(edges, fc.array(value), fc.array(value), (upTo, first, since) => {
        const [before, after] = [countInto(upTo, first), countInto(upTo, since)];
        const outcome = differenceOf(before, after);
        const inBucket = ({ counts }: BucketHistogram) =>
          counts.map((count, at) => count - (counts[at - 1] ?? 0));
        const hasFallen = inBucket(after).some((count, at) => count < (inBucket(before)[at] ?? 0));
        expect(outcome.state).toBe(hasFallen ? "reset" : "counted");
        if (outcome.state === "reset") expect(outcome.histogram).toEqual(after);
      }),
    );
  });

  test("with other edges are refused", () => {
    expect(differenceOf(countInto([1], []), countInto([2], []))).toMatchObject({
      state: "refused",
      reason: "edges differ: the earlier one has 2 (1, Infinity), the later one has 2 (2, Infinity)",
    });
  });
});

describe("bounds of a quantile", () => {
  const histogram = countInto([0.1, 0.5, 1], [0.05, 0.2, 0.3, 0.4, 7]);

  test.each([
    [0, { above: 0, upTo: 0.1 }],
    [0.2, { above: 0, upTo: 0.1 }],
    [0.21, { above: 0.1, upTo: 0.5 }],
    [0.8, { above: 0.1, upTo: 0.5 }],
    [0.81, { above: 1, upTo: Number.POSITIVE_INFINITY }],
    [1, { above: 1, upTo: Number.POSITIVE_INFINITY }],
  ])("at %d", (q, bounds) => {
    expect(quantileBounds(histogram, q)).toEqual(bounds);
  });

  test.each([-0.1, 1.1, Number.NaN])("are not asked for at %d", (q) => {
    expect(() => quantileBounds(histogram, q)).toThrow("between 0 and 1");
  });

  test("of 100 values at 7 percent are those of the 7th", () => {
    const values = Array.from({ length: 100 }, (_, at) => at + 1);
    expect(quantileBounds(countInto([7], values), 0.07)?.upTo).toBe(7);
    expect(countOf(countInto([7], values))).toBe(100);
  });
});
