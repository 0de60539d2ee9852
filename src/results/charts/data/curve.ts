/** The percentile curve of a latency, as HdrHistogram draws it. */
import { highestOf } from "../../../metrics/stats/histogram.ts";
import type { LatencyRecord } from "../../../metrics/stats/latency-record.ts";
import type { Point } from "../chart.ts";

/** Points of a curve at most: each decade of its axis is as wide as the others. */
const steps = 120;

/**
 * From the median on: x is 1 / (1 - q), so that 10 is the 90th percentile and 100 the 99th; y is the quantile in
 * milliseconds, nearest-rank over all transactions. It ends where transactions begin whose end was not seen: from there
 * on only lower bounds are known.
 */
export function percentileCurve({ measured, censored }: LatencyRecord): readonly Point[] {
  const all = measured.count + censored.count;
  if (measured.count === 0) return [];
  const firstCensoredUs = censored.minUs ?? Number.POSITIVE_INFINITY;
  const curve: Point[] = [];
  const most = Math.log10(Math.max(2, all));
  const first = Math.log10(2);
  const ends = Array.from({ length: steps + 1 }, (_, at) => 10 ** (first + ((most - first) * at) / steps));
  let seen = 0;
  let next = 0;
  // Until the first age, ranks among the measured ones are ranks among all.
  for (const [index, times] of measured.counts().entries()) {
    if (times === 0) continue;
    const valueUs = Math.min(highestOf(index), measured.maxUs ?? 0);
    if (valueUs >= firstCensoredUs) break;
    seen += times;
    for (; next < ends.length; next++) {
      const x = ends[next] ?? 1;
      if (seen < Math.ceil((1 - 1 / x) * all)) break;
      curve.push({ x, y: valueUs / 1000 });
    }
  }
  return curve;
}
