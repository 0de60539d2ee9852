import type { LatencyBounds } from "../../contracts/load/node-load.ts";
import type { NativeLatency } from "../../contracts/results/native.ts";
import { type BucketHistogram, countOf, meanOfBuckets, quantileBounds } from "./bucket-histogram.ts";

/** Of latencies; all values are of one unit. */
export interface CountedLatency {
  readonly histogram: BucketHistogram;
  /** Sum of the squares of all values; absent where it is not told. */
  readonly squares?: number | undefined;
  /** Length of the unit in milliseconds. */
  readonly unitMs: number;
}

/**
 * What buckets say of latencies: mean exact, quantiles as the two edges around them, and a standard deviation only where
 * the sum of squares is told. Nothing between two edges is made up.
 */
export function summarizeBuckets({ histogram, squares, unitMs }: CountedLatency): NativeLatency {
  const count = countOf(histogram);
  const mean = meanOfBuckets(histogram);
  const bounds = (q: number): LatencyBounds | undefined => {
    const found = quantileBounds(histogram, q, 0);
    return found && { aboveMs: found.above * unitMs, upToMs: finite(found.upTo * unitMs) };
  };
  return {
    count,
    meanMs: mean === undefined ? undefined : mean * unitMs,
    stdDevMs: stdDev(histogram, squares, unitMs),
    p50: bounds(0.5),
    p90: bounds(0.9),
    p95: bounds(0.95),
    p99: bounds(0.99),
    p999: bounds(0.999),
    buckets: histogram.edges.map((edge, at) => ({
      upToMs: finite(edge * unitMs),
      count: histogram.counts[at] ?? 0,
    })),
  };
}

const finite = (value: number) => (Number.isFinite(value) ? value : undefined);

/** Sums of floating-point numbers may be a trace off, so that a variance of nearly nothing may come out below 0. */
function stdDev({ sum, counts }: BucketHistogram, squares: number | undefined, unitMs: number) {
  const count = counts.at(-1) ?? 0;
  if (squares === undefined || count < 2) return undefined;
  return Math.sqrt(Math.max(0, (squares - (sum * sum) / count) / (count - 1))) * unitMs;
}
