/** The published form of a run's seconds: timeseries.csv. */

import type { SecondRow } from "../../contracts/events.ts";
import { rounded } from "../../core/documents/numbers.ts";

const columns = [
  "benchmark_number",
  "second",
  "due",
  "sent",
  "acknowledged",
  "committed",
  "p50_ms",
  "p99_ms",
  "lateness_p99_ms",
  "loop_delay_max_ms",
  "generator_cpu_ratio",
  "gc_pause_ms",
] as const;

/** First line of timeseries.csv. */
export const timeseriesHeader = columns.join(",");

/** One line of it; a cell is empty where nothing was seen. */
export function timeseriesRow(benchmarkNumber: number, row: SecondRow): string {
  const measured = [
    row.p50Ms,
    row.p99Ms,
    row.latenessP99Ms,
    row.loopDelayMaxMs,
    row.cpuRatio,
    row.gcPauseMs,
  ].map((value) => (value === undefined ? "" : rounded(value)));
  const counts = [rounded(row.second), row.due, row.sent, row.acknowledged, row.committed];
  return [benchmarkNumber, ...counts, ...measured].join(",");
}
