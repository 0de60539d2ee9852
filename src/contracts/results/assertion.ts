/** What a sweep is held to by `--assert`, and what came of it. */
import type { BoundedValue } from "./bounded.ts";

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

/** goodput: of all flows through a network under test together. */
export const assertedCounts = [
  "throughput",
  "goodput",
  "efficiency",
  "success_rate",
  "failed",
  "leaking_nodes",
] as const;
export type AssertedCount = (typeof assertedCounts)[number];

export type AssertedMetric = AssertedCount | `${AssertedLatency}.${AssertedStatistic}`;

/** "": a bare number of transactions. */
export type AssertedUnit = "tx/s" | "Mbit/s" | "%" | "ms" | "s" | "us" | "";

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

/** What came of one assertion at one load. */
export interface AssertionOutcome {
  readonly assertion: Assertion;
  readonly loadTps: number;
  /** Mean over the load's runs that are not invalid; absent where one of them did not see it, or there is none. */
  readonly value?: BoundedValue | undefined;
  /** The same of the baseline's runs at this load; absent where the assertion needs none. */
  readonly baseline?: BoundedValue | undefined;
  /** In the unit of `value`; absent where the baseline gives none. */
  readonly limit?: number | undefined;
  readonly passed: boolean;
  /** Why it failed, where value and limit do not show it. */
  readonly reason?: string | undefined;
}
