import type {
  AssertedLatency,
  AssertedMetric,
  AssertedStatistic,
} from "../../../contracts/results/assertion.ts";
import type { BoundedValue } from "../../../contracts/results/bounded.ts";
import type { LatencySummary } from "../../../contracts/results/latency.ts";
import type { MeasuredRun, NativeResult } from "../../../contracts/results/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { percent, rounded } from "../../../core/documents/numbers.ts";
import { boundsValue, isNative, meanOfValues } from "../../../metrics/stats/run-metrics.ts";

/** What a run, or several, show of a metric; or why they show nothing, in a clause. */
export type Found = { readonly value: BoundedValue } | { readonly missing: string };

const counts: Readonly<Record<string, (run: RunResult) => number | undefined>> = {
  throughput: (run) => rounded(run.throughputTps),
  efficiency: (run) => (run.efficiencyRatio === undefined ? undefined : percent(run.efficiencyRatio)),
  success_rate: (run) => percent(run.successRatio),
  failed: (run) => run.failed,
};

const kinds: Readonly<Record<AssertedLatency, (run: RunResult) => LatencySummary | undefined>> = {
  latency: (run) => run.latency[run.latencyKind],
  commit: (run) => run.latency.commit,
  commit_service: (run) => run.latency.commitService,
  response: (run) => run.latency.response,
  submit: (run) => run.latency.submit,
  lateness: (run) => run.lateness,
};

/**
 * Mean over runs. A bound in one of them makes a bound of it; what one did not see, the mean does not know.
 *
 * @param runs at least one
 */
export function meanOfRuns(metric: AssertedMetric, runs: readonly MeasuredRun[]): Found {
  const values: BoundedValue[] = [];
  for (const run of runs) {
    const found = isNative(run) ? ofNative(metric, run) : ofRun(metric, run);
    if ("missing" in found) return { missing: `run ${run.benchmarkNumber}: ${found.missing}` };
    values.push(found.value);
  }
  return { value: meanOfValues(values) };
}

/** What nodes counted: exact, or within a bucket. */
function ofNative(metric: AssertedMetric, { figures: { throughputTps, latency } }: NativeResult): Found {
  const absent = { missing: `${metric} was not seen` };
  const exact = (value: number | undefined): Found =>
    value === undefined ? absent : { value: { value: rounded(value), atLeast: false } };
  const [kind, statistic] = metric.split(".") as [string, AssertedStatistic];
  if (metric === "throughput") return exact(throughputTps);
  if (kind !== "latency" || statistic === "min" || statistic === "max") {
    return { missing: `nodes that make the load do not tell ${metric}` };
  }
  if (statistic === "mean" || statistic === "std_dev") return exact(latency?.[plain[statistic]]);
  const value = boundsValue(latency?.[statistic]);
  return value === undefined ? absent : { value };
}

/** As it is published, so that a run that is read again gives the same. */
function ofRun(metric: AssertedMetric, run: RunResult): Found {
  const count = counts[metric];
  if (count !== undefined) {
    const value = count(run);
    // Throughput over offered load, and a closed loop has none.
    return value === undefined
      ? { missing: `a closed loop has no ${metric}` }
      : { value: { value, atLeast: false } };
  }
  const [kind, statistic] = metric.split(".") as [AssertedLatency, AssertedStatistic];
  const summary = kinds[kind](run);
  if (summary === undefined || summary.count + summary.censored === 0) {
    return { missing: `${kind} was not seen` };
  }
  return ofSummary(statistic, summary);
}

const plain = { mean: "meanMs", std_dev: "stdDevMs", min: "minMs", max: "maxMs" } as const;

function ofSummary(statistic: AssertedStatistic, summary: LatencySummary): Found {
  const { censored } = summary;
  const absent = { missing: `${statistic} was not seen` };
  if (statistic !== "mean" && statistic !== "std_dev" && statistic !== "min" && statistic !== "max") {
    const quantile = summary[statistic];
    return quantile === undefined
      ? absent
      : { value: { value: rounded(quantile.ms), atLeast: quantile.atLeast } };
  }
  // The mean of those that were seen gets better the more are lost; only the largest can but grow.
  if (censored > 0 && statistic !== "max") {
    return { missing: `the end of ${censored} was not seen, and ${statistic} is of the others` };
  }
  const ms = summary[plain[statistic]];
  return ms === undefined ? absent : { value: { value: rounded(ms), atLeast: censored > 0 } };
}
