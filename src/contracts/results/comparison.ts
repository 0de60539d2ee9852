/** What two sweeps have in common and where they differ; the published form is made from it by bundle/ alone. */
import type { MeasuredLoadKind } from "../load/load-profile.ts";
import type { MeasuredRun } from "./native.ts";

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

/** What the verdict speaks of, and what is therefore tested: the two that a reader asks for first. */
export const spokenMetrics = ["throughput", "avgLatency"] as const satisfies readonly ComparedMetric[];

export type SpokenMetric = (typeof spokenMetrics)[number];

/** One of the two sweeps. */
export interface ComparedSide {
  /** Path of the bundle or the run's file. */
  readonly path: string;
  readonly networkType: "local" | "remote";
  /** Runs that finished. */
  readonly runs: number;
  /** What it measured; absent where there is no run. */
  readonly protocol?: string | undefined;
  /** What its loads are; absent where there is no run. */
  readonly loadKind?: MeasuredLoadKind | undefined;
  /** Why its sweep ended before its last run; absent where it did not. */
  readonly endedEarly?: string | undefined;
}

/** Mean over a side's runs: tx/s, ms, or a ratio (1 is all). `atLeast`: a lower bound, as a quantile of a run may be. */
export interface ComparedValue {
  readonly value: number;
  readonly atLeast: boolean;
  /** Of a lower bound, where the true value is known not to be above this: it lies in a bucket. */
  readonly upTo?: number | undefined;
}

/** 95 % confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How sure it is that the sides differ in one metric, and by how much they must for it to count. */
export interface Significance {
  /** Two-sided Mann-Whitney p of this test alone. */
  readonly p: number;
  /** The same after Holm's correction over all tests of the comparison; below 0.05 the sides differ. */
  readonly adjustedP: number;
  /** Cliff's delta: 1 where every run of B is above every run of A, -1 where below. */
  readonly delta: number;
  /** Smallest |ratio - 1| that counts: the one asked for, or the noise floor of this load where that is larger. */
  readonly smallestEffectRatio: number;
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
  /** Of a metric that the verdict speaks of, likewise. */
  readonly significance?: Significance | undefined;
}

/** A side's runs at one load. Invalid ones count for nothing. */
export interface LoadSide {
  readonly counted: number;
  readonly invalid: number;
  /** Of those counted. */
  readonly generatorLimited: number;
  /** Of those counted: other things went on on the machines. */
  readonly disturbed: number;
  /** Kinds of headline latency among those counted. */
  readonly latencyKinds: readonly MeasuredRun["latencyKind"][];
  /** Transactions of those counted whose end was never seen: means and deviations are of the others alone. */
  readonly unseen: number;
}

/**
 * faster: B has a higher throughput, or a lower average latency, without the other being worse; slower: the reverse;
 * mixed: one is better, the other worse. Where one of the two cannot be compared, the word is of the other alone.
 * no-difference: none was seen, which is not the same as none being there.
 */
export type ComparisonOutcome =
  | "faster"
  | "slower"
  | "mixed"
  | "no-difference"
  | "not-comparable"
  | "no-verdict";

/** A load that both sides have. */
export interface LoadComparison {
  readonly loadTps: number;
  readonly a: LoadSide;
  readonly b: LoadSide;
  readonly metrics: Readonly<Record<ComparedMetric, MetricComparison>>;
  readonly outcome: ComparisonOutcome;
  /** The same in a sentence, with the figures or the reason. */
  readonly verdict: string;
}

/** A parameter, by its published name, in which the sides differ at a load that both have. */
export interface ParameterDifference {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  /** system: what is measured. measurement: how, so that its effect cannot be told from the systems'. */
  readonly of: "system" | "measurement";
}

export interface Comparison {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  /** Smallest |ratio - 1| that counts as a difference. */
  readonly minEffectRatio: number;
  /** Path of the calibration whose noise floors count besides; absent where none was given. */
  readonly calibration?: string | undefined;
  /** What besides the two sides was not the same, so that not all that differs is their doing. */
  readonly differences: readonly ParameterDifference[];
  /** By load. */
  readonly loads: readonly LoadComparison[];
  readonly onlyA: readonly number[];
  readonly onlyB: readonly number[];
}

/** A sweep that is compared. */
export interface SideRuns extends Omit<ComparedSide, "runs" | "protocol" | "loadKind"> {
  readonly runs: readonly MeasuredRun[];
}
