/** Latencies by fixed buckets, as Prometheus counts them: small enough for every second's event, and they add up. */
import type { Histogram } from "./histogram.ts";

/** Upper edges, included in their buckets: 1-2-5 from 0.1 ms to 100 s. A last bucket has no end. */
export const latencyEdgesMs: readonly number[] = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000],
];

export interface BucketedLatency {
  /** By bucket, not added up: above the edge before and up to its own; one more than there are edges. */
  readonly counts: readonly number[];
  /** Of all values, within 1/2,048 where none was above one hour. */
  readonly sumMs: number;
}

export const noLatency: BucketedLatency = {
  counts: new Array<number>(latencyEdgesMs.length + 1).fill(0),
  sumMs: 0,
};

const edgesUs = latencyEdgesMs.map((ms) => ms * 1000);

/**
 * A histogram's values by those buckets. Each counts at the highest value of its own fine bucket, at most 1/1,024 above
 * what it was, and in the sum at that bucket's middle.
 */
export function bucketLatency(histogram: Histogram): BucketedLatency {
  const counts = [...noLatency.counts];
  let sumUs = 0;
  let place = 0;
  histogram.forEach((lowestUs, highestUs, times) => {
    while (place < edgesUs.length && highestUs > (edgesUs[place] ?? 0)) place++;
    counts[place] = (counts[place] ?? 0) + times;
    sumUs += (times * (lowestUs + highestUs)) / 2;
  });
  return { counts, sumMs: sumUs / 1000 };
}

export function addLatency(one: BucketedLatency, other: BucketedLatency): BucketedLatency {
  const counts = noLatency.counts.map((_, at) => (one.counts[at] ?? 0) + (other.counts[at] ?? 0));
  return { counts, sumMs: one.sumMs + other.sumMs };
}
