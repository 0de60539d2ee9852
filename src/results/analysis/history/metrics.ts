/** What a history keeps of a run: each metric, with its unit, what is better, and the smallest difference that counts. */
import type { HistoryMetric, HistorySeries } from "../../../contracts/results/history.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { resourcesByRole } from "../../../metrics/nodes/resources.ts";
import { isDriven, isNative, readMetric, unseenIn } from "../../../metrics/stats/run-metrics.ts";

interface KeptMetric {
  readonly title: string;
  /** undefined: the series' own. */
  readonly unit: string | undefined;
  readonly better: "higher" | "lower";
  /** Smallest |ratio - 1| that counts where nothing else is asked for. */
  readonly minEffectRatio: number;
  /** undefined: not observed, or known as a bound only. */
  readonly read: (run: MeasuredRun) => number | undefined;
}

const exact =
  (metric: "throughput" | "avgLatency" | "p50Latency" | "p99Latency") =>
  (run: MeasuredRun): number | undefined => {
    const found = readMetric(metric, run);
    return found === undefined || found.atLeast ? undefined : found.value;
  };

/** Of runs that lost sight of transactions the mean is of the others, and gets better the more are lost. */
const wholeMean = (run: MeasuredRun) => (unseenIn([run]) > 0 ? undefined : exact("avgLatency")(run));

const keptMetrics: Readonly<Record<HistoryMetric, KeptMetric>> = {
  throughput: {
    title: "throughput",
    unit: undefined,
    better: "higher",
    minEffectRatio: 0.02,
    read: exact("throughput"),
  },
  avgLatency: {
    title: "average latency",
    unit: "ms",
    better: "lower",
    minEffectRatio: 0.03,
    read: wholeMean,
  },
  p50Latency: {
    title: "p50 latency",
    unit: "ms",
    better: "lower",
    minEffectRatio: 0.03,
    read: exact("p50Latency"),
  },
  p99Latency: {
    title: "p99 latency",
    unit: "ms",
    better: "lower",
    minEffectRatio: 0.05,
    read: exact("p99Latency"),
  },
  cpuPerTransaction: {
    title: "CPU per transaction",
    unit: "ms",
    better: "lower",
    minEffectRatio: 0.05,
    read: readCpuPerTransaction,
  },
  memory: {
    title: "memory per node",
    unit: "bytes",
    better: "lower",
    minEffectRatio: 0.05,
    read: (run) => nodesOf(run)?.means.memoryBytes,
  },
};

export const historyMetricNames = Object.keys(keptMetrics) as readonly HistoryMetric[];

export const keptMetric = (metric: HistoryMetric): KeptMetric => keptMetrics[metric];

export const unitOf = (metric: HistoryMetric, { throughputUnit }: Pick<HistorySeries, "throughputUnit">) =>
  keptMetrics[metric].unit ?? throughputUnit;

/** Helpers' roles stand first. */
const nodesOf = (run: MeasuredRun) => resourcesByRole(run).at(-1);

/** Milliseconds. */
function readCpuPerTransaction(run: MeasuredRun): number | undefined {
  const nodes = nodesOf(run);
  const committed = isDriven(run) ? run.observedInWindow : isNative(run) ? run.figures.committed : undefined;
  if (nodes?.means.cpuRatio === undefined || !committed) return undefined;
  return (nodes.means.cpuRatio * nodes.nodes * run.parameters.durationSecs * 1000) / committed;
}
