/** What a sweep is held to by `--assert`, and what came of it. */

/** Latencies and the generator's lateness, by what they are called in an assertion. `latency`: the headline. */
export const assertedLatencies = [
  "latency",
  "commit",
  "commit_service",
  "response",
  "submit",
  "lateness",
] as const;
export type AssertedLatency = (typeof assertedLatencies)[number];

export const assertedStatistics = [
  "mean",
  "std_dev",
  "min",
  "p50",
  "p90",
  "p95",
  "p99",
  "p999",
  "max",
] as const;
export type AssertedStatistic = (typeof assertedStatistics)[number];

export const assertedCounts = ["throughput", "efficiency", "success_rate", "failed"] as const;
export type AssertedCount = (typeof assertedCounts)[number];

export type AssertedMetric = AssertedCount | `${AssertedLatency}.${AssertedStatistic}`;

/** "": a bare number of transactions. */
export type AssertedUnit = "tx/s" | "%" | "ms" | "s" | "us" | "";

export type AssertedOrder = "<" | "<=" | ">" | ">=";

/** One threshold: `commit.p99@200<500ms`, or against a baseline `throughput>-5%`. */
export interface Assertion {
  readonly metric: AssertedMetric;
  /** The one load at which it is to hold, tx/s; absent: at every load. */
  readonly loadTps?: number | undefined;
  readonly order: AssertedOrder;
  readonly amount: number;
  readonly unit: AssertedUnit;
  /** The limit is the baseline's value, changed by `amount` percent of it. */
  readonly relative: boolean;
}

/** A published value: tx/s, percent, ms, or transactions. */
export interface AssertedValue {
  readonly value: number;
  /** A lower bound: transactions whose end was not seen are among what it was made from, or it is a bucket's edge. */
  readonly atLeast: boolean;
  /** Of a bucket, its other edge: the true value is not above it. */
  readonly upTo?: number | undefined;
}

/** What came of one assertion at one load. */
export interface AssertionOutcome {
  readonly assertion: Assertion;
  readonly loadTps: number;
  /** Mean over the load's runs that are not invalid; absent where one of them did not see it, or there is none. */
  readonly value?: AssertedValue | undefined;
  /** The same of the baseline's runs at this load; absent where the assertion needs none. */
  readonly baseline?: AssertedValue | undefined;
  /** In the unit of `value`; absent where the baseline gives none. */
  readonly limit?: number | undefined;
  readonly passed: boolean;
  /** Why it failed, where value and limit do not show it. */
  readonly reason?: string | undefined;
}
