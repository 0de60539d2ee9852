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
      mean: number("The mean; omitted if a run has only a lower bound.").optional(),
      meanAtLeast: number(
        "Instead of mean: the mean of values of which at least one is a lower bound.",
      ).optional(),
      low: number(
        "Lower end of the interval (Student's t, n - 1 degrees of freedom); omitted with fewer than two runs.",
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
    .as("Transactions due in the window that succeeded, percent.")
    .keyed("success_rate_percent"),
  efficiency: ratio.as("Throughput as percent of the offered load.").keyed("efficiency_percent"),
});

const { throughput, efficiency, successRate, ...latencies } = metricFields(
  meanOf(measured, "mean").optional(),
  meanOf(asPercent, "percent_mean").optional(),
);

export const loadSummaryForm = record(
  "One load. Means are over the counted runs; a mean is omitted if a counted run lacks the figure.",
  {
    loadTps: positive(
      "Offered load, transactions per second over all nodes; in a closed loop, transactions in flight.",
    ).keyed("load"),
    runs: natural("Finished runs of this load."),
    countedRuns: count("Counted runs, which the means are computed from: all except invalid ones."),
    invalidRuns: list(
      "Numbers of the runs that are not counted because they are invalid.",
      natural("A run's benchmark_number."),
    ),
    unseen: count(
      "Transactions of the counted runs whose end was not observed: avg_latency_ms and latency_std_dev_ms exclude them.",
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
