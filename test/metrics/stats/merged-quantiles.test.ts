import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Histogram, largestTrackableUs, relativeError } from "../../../src/metrics/stats/histogram.ts";
import { decodeHistogram, encodeHistogram, formatHistogramLog } from "../../../src/metrics/stats/hlog.ts";
import { LatencyRecord } from "../../../src/metrics/stats/latency-record.ts";

const usualQuantiles = [0.5, 0.9, 0.95, 0.99, 0.999];

/** Latencies of one client: near zero, spread over the whole range, or in a narrow band with a long tail. */
const latencies = fc.oneof(
  fc.array(fc.nat({ max: 3000 }), { maxLength: 400 }),
  fc.array(fc.integer({ min: 0, max: largestTrackableUs }), { maxLength: 400 }),
  fc.array(
    fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 90_000, max: 110_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1_000_000, max: 60_000_000 }) },
    ),
    { maxLength: 400 },
  ),
);
/** What several clients measured; one of them may have seen nothing. */
const clients = fc
  .array(latencies, { minLength: 1, maxLength: 8 })
  .filter((lists) => lists.some((list) => list.length > 0));
/** Parts in a million, so that ranks can be computed without rounding. */
const millionths = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 5, maxLength: 5 });

function histogramOf(list: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of list) histogram.record(value);
  return histogram;
}

function merge(histograms: readonly Histogram[]): Histogram {
  const merged = new Histogram();
  for (const histogram of histograms) merged.merge(histogram);
  return merged;
}

/** The nearest-rank quantile of raw values, in whole numbers. */
function rawQuantile(sorted: readonly number[], partsPerMillion: number): number {
  const rank = (BigInt(partsPerMillion) * BigInt(sorted.length) + 999_999n) / 1_000_000n;
  return sorted[Math.max(1, Number(rank)) - 1] ?? Number.NaN;
}

function expectRawQuantiles(
  merged: Histogram,
  lists: readonly (readonly number[])[],
  parts: readonly number[],
) {
  const sorted = lists.flat().toSorted((a, b) => a - b);
  expect(merged.count).toBe(sorted.length);
  for (const part of [...usualQuantiles.map((q) => Math.round(q * 1e6)), ...parts]) {
    const raw = rawQuantile(sorted, part);
    const found = merged.quantile(part / 1e6);
    expect(found).toBeGreaterThanOrEqual(raw);
    expect(found).toBeLessThanOrEqual(raw * (1 + relativeError));
  }
}

describe("a quantile of merged histograms equals that of the pooled raw values, within the stated error", () => {
  test("however the values are spread over clients", () => {
    fc.assert(
      fc.property(clients, millionths, (lists, parts) => {
        expectRawQuantiles(merge(lists.map(histogramOf)), lists, parts);
      }),
    );
  });

  test("also where each client's histogram was written to a log and read again", () => {
    fc.assert(
      fc.property(clients, millionths, (lists, parts) => {
        const read = lists.map((list) => decodeHistogram(encodeHistogram(histogramOf(list))));
        expectRawQuantiles(merge(read), lists, parts);
      }),
    );
  });

  test("also from the lines of .hlog files, in any order of merging", () => {
    fc.assert(
      fc.property(clients, millionths, (lists, parts) => {
        const read = lists.toReversed().map((list) => {
          const record = new LatencyRecord();
          for (const value of list) record.record(value);
          const lines = formatHistogramLog(record, { startedAtMs: 0, lengthSecs: 1 }).split("\n");
          const line = lines.find((one) => /^\d/.test(one)) ?? "";
          return decodeHistogram(line.split(",").at(-1) ?? "");
        });
        expectRawQuantiles(merge(read), lists, parts);
      }),
      { numRuns: 30 },
    );
  });
});
