import type { ComparedMetric, ComparedValue } from "../contracts/comparison.ts";
import type { Quantile, RunResult } from "../contracts/result.ts";

/** A run counts in what is computed over runs unless it is invalid. */
export const isCounted = ({ verdict }: RunResult) => verdict.status !== "invalid";

export const headlineOf = (run: RunResult) => run.latency[run.latencyKind];

/** Transactions whose end was never seen, over all these runs: means and deviations are of the others alone. */
export const unseenIn = (runs: readonly RunResult[]) =>
  runs.reduce((total, run) => total + (headlineOf(run)?.censored ?? 0), 0);

const measured = (value: number | undefined): ComparedValue | undefined =>
  value === undefined ? undefined : { value, atLeast: false };
const quantile = (found: Quantile | undefined): ComparedValue | undefined =>
  found && { value: found.ms, atLeast: found.atLeast };

/** One run's value of each metric; undefined where it did not see it. */
export const metricReaders: Readonly<Record<ComparedMetric, (run: RunResult) => ComparedValue | undefined>> =
  {
    throughput: (run) => measured(run.throughputTps),
    avgLatency: (run) => measured(headlineOf(run)?.meanMs),
    latencyStdDev: (run) => measured(headlineOf(run)?.stdDevMs),
    p50Latency: (run) => quantile(headlineOf(run)?.p50),
    p99Latency: (run) => quantile(headlineOf(run)?.p99),
    successRate: (run) => measured(run.successRatio),
    efficiency: (run) => measured(run.efficiencyRatio),
  };
