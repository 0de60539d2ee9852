import type { Growth } from "../../contracts/results/growth.ts";
import { medianOf } from "../../core/numbers/quantile.ts";
import type { Floors } from "../stats/trend/floors.ts";
import { mannKendall } from "../stats/trend/mann-kendall.ts";
import { theilSen } from "../stats/trend/theil-sen.ts";

/** In a shorter window, what a program fills at its start looks like a leak. */
const leastWindowSecs = 60;
/** With fewer spans no trend is clear enough. */
const leastSpans = 12;
const largestP = 0.01;
/** Of the median, by the lower end of the slope's interval: steps of a heap that has settled make it wide. */
const leastGrowthRatio = 0.03;

/**
 * Whether a node's memory grew on and on.
 *
 * @param memory of its seconds, bytes
 * @returns undefined where the window is too short, or too little was seen
 */
export function growthOf(memory: Floors, windowSecs: number): Growth | undefined {
  if (windowSecs < leastWindowSecs) return undefined;
  // Programs fill caches and grow heaps at first.
  const fromSecs = windowSecs / 4;
  const points = memory.between(fromSecs, windowSecs);
  const trend = theilSen(points);
  if (points.length < leastSpans || trend === undefined) return undefined;
  const values = points.map(({ y }) => y);
  const p = mannKendall(values);
  const surelyGrownBytes = (trend.low ?? 0) * (windowSecs - fromSecs);
  const perHour = (slope: number | undefined) => (slope === undefined ? undefined : Math.round(slope * 3600));
  return {
    bytesPerHour: Math.round(trend.slope * 3600),
    bytesPerHourLow: perHour(trend.low),
    bytesPerHourHigh: perHour(trend.high),
    p,
    leaks: p < largestP && surelyGrownBytes >= leastGrowthRatio * (medianOf(values) ?? 0),
  };
}
