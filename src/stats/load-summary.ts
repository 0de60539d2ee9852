import { type ComparedMetric, type ComparedValue, comparedMetrics } from "../contracts/comparison.ts";
import type { LoadSummary, MetricMean } from "../contracts/load-summary.ts";
import type { Quantile, RunResult } from "../contracts/result.ts";
import { meanInterval } from "./confidence.ts";

const headline = (run: RunResult) => run.latency[run.latencyKind];
const measured = (value: number | undefined): ComparedValue | undefined =>
  value === undefined ? undefined : { value, atLeast: false };
const quantile = (found: Quantile | undefined): ComparedValue | undefined =>
  found && { value: found.ms, atLeast: found.atLeast };

const readers: Readonly<Record<ComparedMetric, (run: RunResult) => ComparedValue | undefined>> = {
  throughput: (run) => measured(run.throughputTps),
  avgLatency: (run) => measured(headline(run)?.meanMs),
  latencyStdDev: (run) => measured(headline(run)?.stdDevMs),
  p50Latency: (run) => quantile(headline(run)?.p50),
  p99Latency: (run) => quantile(headline(run)?.p99),
  successRate: (run) => measured(run.successRatio),
  efficiency: (run) => measured(run.efficiencyRatio),
};

/** Each load over its runs, in the order in which the loads were first run. */
export function summarizeLoads(runs: readonly RunResult[]): readonly LoadSummary[] {
  const byLoad = new Map<number, RunResult[]>();
  for (const run of runs) {
    const { loadTps } = run.parameters;
    byLoad.set(loadTps, [...(byLoad.get(loadTps) ?? []), run]);
  }
  return [...byLoad].map(([loadTps, all]) => {
    const counted = all.filter(({ verdict }) => verdict.status !== "invalid");
    const invalid = all.filter(({ verdict }) => verdict.status === "invalid");
    const metrics = comparedMetrics.flatMap((metric) => {
      const mean = meanOver(counted.map(readers[metric]));
      return mean === undefined ? [] : [[metric, mean] as const];
    });
    return {
      loadTps,
      runs: all.length,
      countedRuns: counted.length,
      invalidRuns: invalid.map(({ benchmarkNumber }) => benchmarkNumber),
      metrics: Object.fromEntries(metrics),
    };
  });
}

function meanOver(values: readonly (ComparedValue | undefined)[]): MetricMean | undefined {
  const seen = values.filter((value) => value !== undefined);
  if (seen.length === 0 || seen.length < values.length) return undefined;
  const { mean, low, high } = meanInterval(seen.map(({ value }) => value));
  if (seen.some(({ atLeast }) => atLeast)) return { mean, atLeast: true };
  return { mean, atLeast: false, low, high };
}
