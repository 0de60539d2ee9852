import type { SecondRow } from "../../contracts/events.ts";
import type { GeneratorSecond } from "../../contracts/results/generator.ts";
import type { Histogram } from "../../metrics/stats/histogram.ts";
import { formatIntervalLine, type IntervalLine } from "../../metrics/stats/hlog.ts";
import { bucketLatency } from "../../metrics/stats/latency-buckets.ts";

/** What is counted per second. */
export type SecondCount = "due" | "sent" | "acknowledged" | "committed" | "failed";

/** What a generator sees of itself in a second, beside the lateness of its sends. */
export type SelfSeen = Omit<GeneratorSecond, "latenessP99Ms">;

/** What was seen in the time of one row, from the start of the window; raw enough to be merged with what others saw in it. */
export interface SecondTally extends Pick<IntervalLine, "startSecs" | "lengthSecs"> {
  readonly counts: Readonly<Record<SecondCount, number>>;
  /** Headline latency of what was completed in it. */
  readonly latency: Histogram;
  /** Lateness of what was due in it. */
  readonly lateness: Histogram;
  readonly self: SelfSeen;
}

/** The row of a time, as it is told and kept. */
export function buildSecondRow(row: SecondTally): SecondRow {
  const { counts, latency, lateness, self } = row;
  const buckets = bucketLatency(latency);
  return {
    second: row.startSecs,
    ...counts,
    ...(latency.count === 0
      ? {}
      : {
          p50Ms: latency.quantile(0.5) / 1000,
          p99Ms: latency.quantile(0.99) / 1000,
          latencyCounts: buckets.counts,
          latencySumMs: buckets.sumMs,
          histogram: formatIntervalLine(latency, row),
        }),
    latenessP99Ms: lateness.count === 0 ? undefined : lateness.quantile(0.99) / 1000,
    loopDelayMaxMs: self.loopDelayMaxMs,
    cpuRatio: self.cpuRatio,
    gcPauseMs: self.gcPauseMs,
  };
}
