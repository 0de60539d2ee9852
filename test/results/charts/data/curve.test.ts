import { describe, expect, test } from "vitest";
import { LatencyRecord, summarizeLatency } from "../../../../src/metrics/stats/latency-record.ts";
import { percentileCurve } from "../../../../src/results/charts/data/curve.ts";

function recordOf(valuesUs: readonly number[], agesUs: readonly number[] = []): LatencyRecord {
  const record = new LatencyRecord();
  for (const value of valuesUs) record.record(value);
  for (const age of agesUs) record.censor(age);
  return record;
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => (at + 1) * 1_000);

describe("the percentile curve", () => {
  test("goes through the quantiles that are published", () => {
    const record = recordOf(upTo(1_000));
    const { p50, p99, maxMs } = summarizeLatency(record);
    const curve = percentileCurve(record);
    expect(curve[0]).toEqual({ x: 2, y: p50?.ms });
    const near = curve.reduce((best, point) =>
      Math.abs(point.x - 100) < Math.abs(best.x - 100) ? point : best,
    );
    expect(near.y).toBeCloseTo(p99?.ms ?? 0, -1);
    // The last point is the one below the largest value, whose place is infinitely far.
    expect(curve.at(-1)?.y).toBeCloseTo((maxMs ?? 0) - 1, 0);
    for (const [at, { x, y = 0 }] of curve.entries()) {
      expect(x).toBeGreaterThan(curve[at - 1]?.x ?? 0);
      expect(y).toBeGreaterThanOrEqual(curve[at - 1]?.y ?? 0);
    }
  });

  test("ends below the first age of those whose end was not seen", () => {
    const curve = percentileCurve(
      recordOf(
        upTo(900),
        Array.from({ length: 100 }, () => 850_000),
      ),
    );
    expect(curve.length).toBeGreaterThan(10);
    expect(curve.at(-1)?.y).toBeLessThan(850);
    // 849 of 1,000 lie below that age.
    expect(curve.at(-1)?.x).toBeLessThanOrEqual(1 / (1 - 0.849));
  });

  test("has no point where nothing was measured, or ends came after every age", () => {
    expect(percentileCurve(recordOf([]))).toEqual([]);
    expect(percentileCurve(recordOf([5_000], [10]))).toEqual([]);
  });
});
