import fc from "fast-check";
import { expect, test } from "vitest";
import { Histogram } from "../../../src/metrics/stats/histogram.ts";
import {
  addLatency,
  bucketLatency,
  latencyEdgesMs,
  noLatency,
} from "../../../src/metrics/stats/latency-buckets.ts";

const latencies = fc.array(fc.oneof(fc.nat(3_000), fc.nat(200_000_000)), { maxLength: 50 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

test("every latency is in one bucket, at most 1/1,024 above where it was", () => {
  fc.assert(
    fc.property(latencies, (values) => {
      const { counts, sumMs } = bucketLatency(histogramOf(values));
      expect(counts).toHaveLength(latencyEdgesMs.length + 1);
      let upTo = 0;
      latencyEdgesMs.forEach((edgeMs, at) => {
        upTo += counts[at] ?? 0;
        expect(upTo).toBeLessThanOrEqual(values.filter((us) => us <= edgeMs * 1000).length);
        expect(upTo).toBeGreaterThanOrEqual(
          values.filter((us) => us * (1 + 1 / 1024) <= edgeMs * 1000).length,
        );
      });
      expect(upTo + (counts.at(-1) ?? 0)).toBe(values.length);
      const exactMs = values.reduce((sum, us) => sum + us, 0) / 1000;
      expect(Math.abs(sumMs - exactMs)).toBeLessThanOrEqual(exactMs / 2048 + 1e-9);
    }),
  );
});

test("clients' buckets add up to those of all their latencies", () => {
  fc.assert(
    fc.property(latencies, latencies, (one, other) => {
      const merged = histogramOf(one);
      merged.merge(histogramOf(other));
      const sum = addLatency(bucketLatency(histogramOf(one)), bucketLatency(histogramOf(other)));
      const both = bucketLatency(merged);
      expect(sum.counts).toEqual(both.counts);
      expect(sum.sumMs).toBeCloseTo(both.sumMs, 6);
    }),
  );
});

test("nothing was seen: empty buckets", () => {
  expect(bucketLatency(new Histogram())).toEqual(noLatency);
});

test("edges belong to the bucket below them where they are told apart exactly", () => {
  const { counts } = bucketLatency(histogramOf([100, 101, 1_000]));
  expect(counts.slice(0, 5)).toEqual([1, 1, 0, 1, 0]);
});
