import type { HistoryEntry, HistoryMetric, HistorySeries } from "../../src/contracts/results/history.ts";
import type { KeyedEntry } from "../../src/results/analysis/history/entries.ts";
import { normalValues } from "../metrics/normal.ts";

export const sampleSeries: HistorySeries = {
  id: "0123456789ab",
  protocol: "mysticeti",
  networkType: "local",
  runtime: "process",
  loadTps: 50,
  loadUnit: "tx/s",
  throughputUnit: "tx/s",
  latencyKind: "commit",
  machines: ["2 × AMD EPYC"],
  parameters: { nodes: "4", duration: "60", transaction_size: "512" },
};

/** Means without any change, and how much runs scatter. */
const levels: Readonly<Record<HistoryMetric, readonly [mean: number, deviationRatio: number]>> = {
  throughput: [50, 0.01],
  avgLatency: [165, 0.01],
  p50Latency: [160, 0.01],
  p99Latency: [240, 0.03],
  cpuPerTransaction: [5.5, 0.02],
  memory: [110 * 2 ** 20, 0.002],
};

interface EntriesShape {
  readonly count: number;
  readonly runs?: number;
  readonly seed?: string;
  /** What a metric is multiplied by at a place, from 1. */
  readonly factor?: (metric: HistoryMetric, place: number) => number;
  readonly system?: (place: number) => HistoryEntry["system"];
}

/** Entries of one hour each; half of the scatter is common to the runs of an entry. */
export function sampleEntries(shape: EntriesShape): HistoryEntry[] {
  const { count, runs = 5, seed = "history", factor = () => 1, system = () => ({}) } = shape;
  const normal = normalValues(seed);
  return Array.from({ length: count }, (_, index) => {
    const place = index + 1;
    const values = Object.entries(levels).map(([metric, [mean, deviation]]) => {
      const level = mean * factor(metric as HistoryMetric, place) * (1 + (deviation / 2) * normal());
      return [metric, Array.from({ length: runs }, () => level * (1 + deviation * normal()))];
    });
    return {
      run: `run${place}`,
      bundle: `20260101T000000Z-local-run${place}`,
      at: new Date(Date.UTC(2026, 0, 1) + index * 3_600_000).toISOString(),
      tags: { commit: `commit${place}` },
      counted: runs,
      invalid: 0,
      disturbed: 0,
      system: system(place),
      values: Object.fromEntries(values),
    };
  });
}

export const keyed = (entries: readonly HistoryEntry[], series = sampleSeries): KeyedEntry[] =>
  entries.map((entry) => ({ series, entry }));
