/** A load over all its runs. */
import type { ComparedMetric } from "./comparison.ts";

/** Mean over runs, and the interval that holds the true one with 95 % confidence: tx/s, ms, or a ratio (1 is all). */
export interface MetricMean {
  readonly mean: number;
  /** The mean is a lower bound, as a quantile of one of the runs is; there is no interval then. */
  readonly atLeast: boolean;
  /** Of such a bound, where the mean is known not to be above this, as of quantiles that lie in buckets. */
  readonly upTo?: number | undefined;
  /** Absent below two runs. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

export interface LoadSummary {
  readonly loadTps: number;
  /** Runs that finished. */
  readonly runs: number;
  /** Those that the means are of: all that are not invalid. */
  readonly countedRuns: number;
  /** Numbers of the others. */
  readonly invalidRuns: readonly number[];
  /** Transactions of the counted runs whose end was never seen: mean and deviation are of the others alone. */
  readonly unseen: number;
  /** A metric is absent where a counted run has it not: the others' mean would be of another thing. */
  readonly metrics: Readonly<Partial<Record<ComparedMetric, MetricMean>>>;
}
