/** A load over all its runs. */
import { type Form, inline, type Of, record } from "../../core/documents/form.ts";
import { asPercent, count, list, measured, natural, positive } from "../../core/documents/form-values.ts";
import type { BoundedValue } from "./bounded.ts";

/** Mean over runs, and the interval that holds the true one with 95 % confidence: tx/s, ms, or a ratio (1 is all). */
export interface MetricMean extends Omit<BoundedValue, "value"> {
  /** Of a lower bound, as a quantile of one of the runs may be, there is no interval. */
  readonly mean: number;
  /** Absent below two runs. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

const meanOf = (number: typeof measured, id: string) =>
  record(
    "Mean over runs, with its 95 % confidence interval.",
    {
      mean: number("The mean; absent where a run has a lower bound only.").optional(),
      meanAtLeast: number(
        "In its place: the mean of values of which at least one is a lower bound.",
      ).optional(),
      low: number(
        "Lower end of the interval (Student's t, n - 1 degrees of freedom); absent below two runs.",
      ).optional(),
      high: number("Upper end of the interval.").optional(),
    },
    {
      id,
      keywords: {
        oneOf: [{ required: ["mean"] }, { required: ["mean_at_least"] }],
        dependentRequired: { low: ["mean", "high"], high: ["low"] },
      },
    },
  ).adapted<MetricMean>(
    ({ mean, atLeast, low, high }) => (atLeast ? { meanAtLeast: mean } : { mean, low, high }),
    ({ mean, meanAtLeast = 0, low, high }) =>
      mean === undefined ? { mean: meanAtLeast, atLeast: true } : { mean, atLeast: false, low, high },
  );

/** What loads are summarized and compared by. @param ratio of those that are published in percent */
export const metricFields = <V, R, P extends "required" | "optional">(
  value: Form<V, P>,
  ratio: Form<R, P>,
) => ({
  throughput: value.as("Throughput, transactions per second."),
  avgLatency: value.as("Mean of the headline latency, milliseconds.").keyed("avg_latency_ms"),
  latencyStdDev: value
    .as("Sample standard deviation of the headline latency, milliseconds.")
    .keyed("latency_std_dev_ms"),
  p50Latency: value.as("Median of the headline latency, milliseconds.").keyed("p50_ms"),
  p99Latency: value.as("99th percentile of the headline latency, milliseconds.").keyed("p99_ms"),
  successRate: ratio
    .as("Successful ones as percent of the transactions due in the window.")
    .keyed("success_rate_percent"),
  efficiency: ratio.as("Throughput as percent of the offered load.").keyed("efficiency_percent"),
});

const { throughput, efficiency, successRate, ...latencies } = metricFields(
  meanOf(measured, "mean").optional(),
  meanOf(asPercent, "percent_mean").optional(),
);

export const loadSummaryForm = record(
  "One load. Means are over the counted runs; one is absent where a counted run does not have the figure.",
  {
    loadTps: positive(
      "Offered load, transactions per second over all nodes; in a closed loop transactions under way.",
    ).keyed("load"),
    runs: natural("Runs of this load that finished."),
    countedRuns: count("Those that the means are of: all that are not invalid."),
    invalidRuns: list(
      "Numbers of the runs that do not count, being invalid.",
      natural("A run's benchmark_number."),
    ),
    unseen: count(
      "Transactions of the counted runs whose end was never seen: avg_latency_ms and latency_std_dev_ms are of the others alone.",
    ).keyed("unseen_transactions"),
    metrics: inline({
      throughput,
      efficiency,
      successRate,
      ...latencies,
      latencyStdDev: latencies.latencyStdDev.as("Its sample standard deviation within a run, milliseconds."),
    }),
  },
);

export interface LoadSummary extends Of<typeof loadSummaryForm> {}
