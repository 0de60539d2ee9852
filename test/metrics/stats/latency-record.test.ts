import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { relativeError } from "../../../src/metrics/stats/histogram.ts";
import { LatencyRecord, summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";

const latencies = fc.array(fc.nat({ max: 200_000_000 }), { minLength: 1, maxLength: 200 });

function recordOf(measured: readonly number[], ages: readonly number[] = []): LatencyRecord {
  const record = new LatencyRecord();
  for (const one of measured) record.record(one);
  for (const age of ages) record.censor(age);
  return record;
}

describe("sums", () => {
  test("are the exact whole numbers, however many and large", () => {
    fc.assert(
      fc.property(latencies, latencies, (one, other) => {
        const record = recordOf(one);
        record.merge(recordOf(other));
        const all = [...one, ...other].map(BigInt);
        expect(record.sumUs).toBe(all.reduce((sum, v) => sum + v, 0n));
        expect(record.sumOfSquaresUs).toBe(all.reduce((sum, v) => sum + v * v, 0n));
      }),
    );
  });

  test("are the same for values that are known to be whole, also in a record that was used before", () => {
    fc.assert(
      fc.property(latencies, latencies, (before, list) => {
        const record = recordOf(before, before);
        record.clear();
        for (const one of list) record.recordWhole(one);
        expect([record.sumUs, record.sumOfSquaresUs]).toEqual([
          recordOf(list).sumUs,
          recordOf(list).sumOfSquaresUs,
        ]);
        expect(summarizeLatency(record)).toEqual(summarizeLatency(recordOf(list)));
      }),
    );
  });

  test("lose nothing where a double would: a million values of 94 s", () => {
    const record = new LatencyRecord();
    for (let i = 0; i < 1_000_000; i++) record.record(94_000_001);
    expect(record.sumUs).toBe(94_000_001n * 1_000_000n);
    expect(record.sumOfSquaresUs).toBe(94_000_001n ** 2n * 1_000_000n);
  });
});

describe("summarizeLatency", () => {
  test("gives mean and sample standard deviation as the textbook does", () => {
    const summary = summarizeLatency(recordOf([2000, 4000, 4000, 4000, 5000, 5000, 7000, 9000]));
    expect(summary.meanMs).toBe(5);
    expect(summary.stdDevMs).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect([summary.minMs, summary.maxMs, summary.count]).toEqual([2, 9, 8]);
  });

  test("does not cancel for close values far from zero", () => {
    const summary = summarizeLatency(recordOf([3_000_000_000, 3_000_000_001, 3_000_000_002]));
    expect(summary.stdDevMs).toBeCloseTo(0.001, 12);
  });

  test("leaves out what was not seen, never 0", () => {
    const nothing = summarizeLatency(new LatencyRecord());
    expect(nothing).toEqual({ count: 0, censored: 0 });
    const one = summarizeLatency(recordOf([1500]));
    expect(one.stdDevMs).toBeUndefined();
    expect(one.p50).toEqual({ ms: 1.5, atLeast: false });
  });

  test("marks the quantiles that fall among censored ones", () => {
    const summary = summarizeLatency(recordOf(Array(95).fill(1000), Array(5).fill(30_000_000)));
    expect(summary.p95).toEqual({ ms: 1, atLeast: false });
    expect(summary.p99?.atLeast).toBe(true);
    expect(summary.p99?.ms).toBe(30_000);
    expect([summary.count, summary.censored, summary.maxMs]).toEqual([95, 5, 1]);
  });

  test("marks every quantile at or above the youngest censored age", () => {
    const summary = summarizeLatency(recordOf([1000, 1600, 1900, 2000], [1700]));
    expect(summary.p50).toEqual({ ms: 1.7, atLeast: true });
  });

  test("never prints a quantile above the true one, whenever the censored ones end", () => {
    fc.assert(
      fc.property(latencies, latencies, fc.nat({ max: 1000 }), (measured, ages, later) => {
        const ended = ages.map((age) => age + later * 1000);
        const truth = [...measured, ...ended].toSorted((a, b) => a - b);
        const summary = summarizeLatency(recordOf(measured, ages));
        const exactP50Ms = (truth[Math.ceil(truth.length / 2) - 1] ?? Number.NaN) / 1000;
        expect(summary.p50?.ms).toBeLessThanOrEqual(exactP50Ms * (1 + relativeError));
        if (summary.p50?.atLeast === false) expect(summary.p50.ms).toBeGreaterThanOrEqual(exactP50Ms);
      }),
    );
  });
});
