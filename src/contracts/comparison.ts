/** What two sweeps have in common and where they differ; the published form is made from it by bundle/ alone. */
import type { LatencyKind } from "./result.ts";

/** What is compared, in the order of the tables. Latencies are the headline's. */
export const comparedMetrics = [
  "throughput",
  "avgLatency",
  "latencyStdDev",
  "p50Latency",
  "p99Latency",
  "successRate",
  "efficiency",
] as const;

export type ComparedMetric = (typeof comparedMetrics)[number];

/** One of the two sweeps. */
export interface ComparedSide {
  /** Path of the bundle or the run's file. */
  readonly path: string;
  readonly networkType: "local" | "remote";
  /** Runs that finished. */
  readonly runs: number;
  /** Why its sweep ended before its last run; absent where it did not. */
  readonly endedEarly?: string | undefined;
}

/** Mean over a side's runs: tx/s, ms, or a ratio (1 is all). `atLeast`: a lower bound, as a quantile of a run may be. */
export interface ComparedValue {
  readonly value: number;
  readonly atLeast: boolean;
}

/** 95 % confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** One metric at one load. Values are absent where a run that counts did not see it. */
export interface MetricComparison {
  readonly a?: ComparedValue | undefined;
  readonly b?: ComparedValue | undefined;
  /** b / a, and b - a: only where both are measured values of one kind. */
  readonly ratio?: number | undefined;
  readonly difference?: number | undefined;
  /** Of the ratio, from enough runs a side. */
  readonly confidence?: Interval | undefined;
}

/** A side's runs at one load. Invalid ones count for nothing. */
export interface LoadSide {
  readonly counted: number;
  readonly invalid: number;
  /** Of those counted. */
  readonly generatorLimited: number;
  /** Kinds of headline latency among those counted. */
  readonly latencyKinds: readonly LatencyKind[];
  /** Transactions of those counted whose end was never seen: means and deviations are of the others alone. */
  readonly unseen: number;
}

/** A load that both sides have. */
export interface LoadComparison {
  readonly loadTps: number;
  readonly a: LoadSide;
  readonly b: LoadSide;
  readonly metrics: Readonly<Record<ComparedMetric, MetricComparison>>;
  /** What can be said, in a sentence; "no verdict" and why, from too few runs. */
  readonly verdict: string;
}

/** A parameter, by its published name, in which the sides differ at a load that both have. */
export interface ParameterDifference {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

export interface Comparison {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  /** What besides the two sides was not the same, so that not all that differs is their doing. */
  readonly differences: readonly ParameterDifference[];
  /** By load. */
  readonly loads: readonly LoadComparison[];
  readonly onlyA: readonly number[];
  readonly onlyB: readonly number[];
}
