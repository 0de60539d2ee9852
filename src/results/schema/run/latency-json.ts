import type { LatencySummary, Quantile } from "../../../contracts/results/result.ts";
import { present, rounded } from "../numbers.ts";

/**
 * A quantile under its published key: `p99_ms`, or `p99_ms_at_least` where it falls among the transactions
 * whose end was not seen, so that nobody takes a lower bound for a measured value.
 */
export function quantileJson(name: string, quantile: Quantile | undefined): Record<string, number> {
  if (quantile === undefined) return {};
  return { [quantile.atLeast ? `${name}_ms_at_least` : `${name}_ms`]: rounded(quantile.ms) };
}

/** Milliseconds as published; undefined, which `present` leaves out, where nothing was seen. */
export function msJson(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : rounded(ms);
}

/** One kind of latency, as published. */
export function latencyJson(summary: LatencySummary) {
  return present({
    count: summary.count,
    censored: summary.censored,
    sum_us: summary.sumUs?.toString(),
    sum_of_squares_us2: summary.sumOfSquaresUs?.toString(),
    mean_ms: msJson(summary.meanMs),
    std_dev_ms: msJson(summary.stdDevMs),
    min_ms: msJson(summary.minMs),
    ...quantileJson("p50", summary.p50),
    ...quantileJson("p90", summary.p90),
    ...quantileJson("p95", summary.p95),
    ...quantileJson("p99", summary.p99),
    ...quantileJson("p999", summary.p999),
    max_ms: msJson(summary.maxMs),
  });
}
