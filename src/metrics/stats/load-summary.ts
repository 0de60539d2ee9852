import type { BoundedValue } from "../../contracts/results/bounded.ts";
import { comparedMetrics } from "../../contracts/results/comparison.ts";
import type { LoadSummary, MetricMean } from "../../contracts/results/load-summary.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import { meanInterval } from "./confidence.ts";
import { isCounted, meanOfValues, readMetric, unseenIn } from "./run-metrics.ts";

/** Each load over its runs, in the order in which the loads were first run. */
export function summarizeLoads(runs: readonly MeasuredRun[]): readonly LoadSummary[] {
  const byLoad = new Map<number, MeasuredRun[]>();
  for (const run of runs) {
    const { loadTps } = run.parameters;
    byLoad.set(loadTps, [...(byLoad.get(loadTps) ?? []), run]);
  }
  return [...byLoad].map(([loadTps, all]) => {
    const counted = all.filter(isCounted);
    const invalid = all.filter((run) => !isCounted(run));
    const metrics = comparedMetrics.flatMap((metric) => {
      const mean = meanOver(counted.map((run) => readMetric(metric, run)));
      return mean === undefined ? [] : [[metric, mean] as const];
    });
    return {
      loadTps,
      runs: all.length,
      countedRuns: counted.length,
      invalidRuns: invalid.map(({ benchmarkNumber }) => benchmarkNumber),
      unseen: unseenIn(counted),
      metrics: Object.fromEntries(metrics),
    };
  });
}

function meanOver(values: readonly (BoundedValue | undefined)[]): MetricMean | undefined {
  const seen = values.filter((value) => value !== undefined);
  if (seen.length === 0 || seen.length < values.length) return undefined;
  const { mean, low, high } = meanInterval(seen.map(({ value }) => value));
  const { atLeast, upTo } = meanOfValues(seen);
  if (atLeast) return upTo === undefined ? { mean, atLeast } : { mean, atLeast, upTo };
  return { mean, atLeast: false, low, high };
}
