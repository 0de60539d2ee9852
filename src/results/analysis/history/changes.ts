/** Where a series of a history changes, and what of it a new entry is compared with. Pure. */
import type { HistoryChange, HistoryEntry, HistoryMetric } from "../../../contracts/results/history.ts";
import { seededRandom } from "../../../core/random.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";
import { type ChangePoint, changePoints } from "../../../metrics/stats/trend/change-points.ts";
import { systemAround } from "./entries.ts";
import { historyMetricNames, keptMetric } from "./metrics.ts";

export interface HistoryOptions {
  /** Smallest |ratio - 1| that counts; undefined: each metric's own. */
  readonly minEffectRatio?: number | undefined;
}

/** Runs from which on a difference is called a regression or an improvement. */
export const runsForClaim = 5;

/** Entries that know a metric, by time. */
export interface MetricSeries {
  readonly metric: HistoryMetric;
  readonly entries: readonly HistoryEntry[];
  /** Of each entry, the mean of its runs. */
  readonly means: readonly number[];
  /** Their numbers among all entries, from 1. */
  readonly places: readonly number[];
}

export const minEffectOf = (metric: HistoryMetric, { minEffectRatio }: HistoryOptions) =>
  minEffectRatio ?? keptMetric(metric).minEffectRatio;

export const isWorse = (metric: HistoryMetric, ratio: number) =>
  ratio > 1 === (keptMetric(metric).better === "lower");

/** @param entries by time */
export function seriesOfMetric(metric: HistoryMetric, entries: readonly HistoryEntry[]): MetricSeries {
  const known = entries.flatMap((entry, index) => {
    const values = entry.values[metric];
    return values === undefined ? [] : [{ entry, mean: meanOf(values), place: index + 1 }];
  });
  return {
    metric,
    entries: known.map(({ entry }) => entry),
    means: known.map(({ mean }) => mean),
    places: known.map(({ place }) => place),
  };
}

export function changesOfMetric({ metric, means }: MetricSeries, options: HistoryOptions): ChangePoint[] {
  return changePoints(means, {
    minEffectRatio: minEffectOf(metric, options),
    random: seededRandom(`history/${metric}`),
  });
}

/**
 * The latest change that stands on runs enough: single runs after it are suspect, and do not yet define what a new one
 * is compared with.
 */
export function confirmedChange(
  { entries }: MetricSeries,
  changes: readonly ChangePoint[],
): ChangePoint | undefined {
  return changes.findLast(({ index }) => {
    const runs = entries.slice(index).reduce((sum, { counted }) => sum + counted, 0);
    return runs >= runsForClaim;
  });
}

/** Changes of all metrics, by place. @param entries by time */
export function historyChanges(entries: readonly HistoryEntry[], options: HistoryOptions): HistoryChange[] {
  const found = historyMetricNames.flatMap((metric) => {
    const series = seriesOfMetric(metric, entries);
    return changesOfMetric(series, options).map(({ index, ...change }): HistoryChange => {
      const entry = series.entries[index] as HistoryEntry;
      return {
        ...change,
        metric: publishedMetric[metric],
        place: series.places[index] as number,
        bundle: entry.bundle,
        isWorse: isWorse(metric, change.ratio),
        system: systemAround(series.entries, index),
      };
    });
  });
  return found.sort((a, b) => a.place - b.place);
}

export const publishedMetric = {
  throughput: "throughput",
  avgLatency: "avg_latency",
  p50Latency: "p50_latency",
  p99Latency: "p99_latency",
  cpuPerTransaction: "cpu_per_transaction",
  memory: "memory",
} as const satisfies Readonly<Record<HistoryMetric, HistoryChange["metric"]>>;
