/** The published form of a load over its runs. */
import type { LoadSummary, MetricMean } from "../../../contracts/results/load-summary.ts";
import { percent, present, rounded } from "../numbers.ts";

export function loadSummaryJson({ metrics, ...summary }: LoadSummary) {
  return present({
    load: summary.loadTps,
    runs: summary.runs,
    counted_runs: summary.countedRuns,
    invalid_runs: summary.invalidRuns,
    unseen_transactions: summary.unseen,
    throughput: meanJson(metrics.throughput, rounded),
    efficiency_percent: meanJson(metrics.efficiency, percent),
    success_rate_percent: meanJson(metrics.successRate, percent),
    avg_latency_ms: meanJson(metrics.avgLatency, rounded),
    latency_std_dev_ms: meanJson(metrics.latencyStdDev, rounded),
    p50_ms: meanJson(metrics.p50Latency, rounded),
    p99_ms: meanJson(metrics.p99Latency, rounded),
  });
}

function meanJson(metric: MetricMean | undefined, publish: (value: number) => number) {
  if (metric === undefined) return undefined;
  const { mean, atLeast, low, high } = metric;
  if (atLeast) return { mean_at_least: publish(mean) };
  if (low === undefined || high === undefined) return { mean: publish(mean) };
  return { mean: publish(mean), low: publish(low), high: publish(high) };
}
