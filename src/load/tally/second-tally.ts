import type { SecondRow } from "../../contracts/events.ts";
import type { GeneratorSecond } from "../../contracts/generator.ts";
import { Histogram } from "../../stats/histogram.ts";
import { formatIntervalLine, type IntervalLine } from "../../stats/hlog.ts";

/** What is counted per second. */
export type SecondCount = "due" | "sent" | "acknowledged" | "committed";

/** What a generator sees of itself in a second, beside the lateness of its sends. */
export type SelfSeen = Omit<GeneratorSecond, "latenessP99Ms">;

/** What one client saw in one row's time, raw enough to be merged with what others saw in it. */
export interface SecondTally {
  readonly counts: Readonly<Record<SecondCount, number>>;
  /** Headline latency of what was completed in it. */
  readonly latency: Histogram;
  /** Lateness of what was due in it. */
  readonly lateness: Histogram;
  readonly self: SelfSeen;
}

/**
 * The row of a time, from what every client saw in it: counts are added up, quantiles are of all values together,
 * and of what the clients saw of themselves the worst one's stands, since each has a thread of its own.
 */
export function buildSecondRow(interval: IntervalLine, tallies: readonly SecondTally[]): SecondRow {
  const total = (what: SecondCount) => tallies.reduce((sum, { counts }) => sum + counts[what], 0);
  const latency = merged(tallies.map((tally) => tally.latency));
  const lateness = merged(tallies.map((tally) => tally.lateness));
  const worst = (what: keyof SelfSeen) => largest(tallies.map(({ self }) => self[what]));
  return {
    second: interval.startSecs,
    due: total("due"),
    sent: total("sent"),
    acknowledged: total("acknowledged"),
    committed: total("committed"),
    ...(latency.count === 0
      ? {}
      : {
          p50Ms: latency.quantile(0.5) / 1000,
          p99Ms: latency.quantile(0.99) / 1000,
          histogram: formatIntervalLine(latency, interval),
        }),
    latenessP99Ms: lateness.count === 0 ? undefined : lateness.quantile(0.99) / 1000,
    loopDelayMaxMs: worst("loopDelayMaxMs"),
    cpuRatio: worst("cpuRatio"),
    gcPauseMs: worst("gcPauseMs"),
  };
}

/** undefined where none is known. */
export function largest(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((most, value) => {
    if (value === undefined) return most;
    return most === undefined || value > most ? value : most;
  }, undefined);
}

function merged(histograms: readonly Histogram[]): Histogram {
  const [only] = histograms;
  if (only !== undefined && histograms.length === 1) return only;
  const all = new Histogram();
  for (const one of histograms) all.merge(one);
  return all;
}
