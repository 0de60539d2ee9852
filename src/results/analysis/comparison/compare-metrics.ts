import type { BoundedValue } from "../../../contracts/results/bounded.ts";
import type { ComparedMetric, MetricComparison } from "../../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../../contracts/results/native.ts";
import { seededRandom } from "../../../core/random.ts";
import { ratioInterval } from "../../../metrics/stats/ratio-of-means.ts";
import { meanOfValues, readMetric } from "../../../metrics/stats/run-metrics.ts";

/** The runs of both sides at one load that count. */
export interface LoadRuns {
  readonly loadTps: number;
  readonly a: readonly MeasuredRun[];
  readonly b: readonly MeasuredRun[];
}

export interface MetricOptions {
  /** Both sides' values are of one kind, and stand for all transactions. */
  readonly divisible: boolean;
  /** There are runs enough for an interval. */
  readonly enough: boolean;
}

/** A metric of both sides, with the values that a test may use: absent where the sides are not divided. */
export interface MetricPair {
  readonly comparison: MetricComparison;
  readonly samples?: { readonly a: readonly number[]; readonly b: readonly number[] } | undefined;
}

/** Means, their difference and their ratio, as far as these are to be had. */
export function pairMetric(metric: ComparedMetric, load: LoadRuns, options: MetricOptions): MetricPair {
  const read = (runs: LoadRuns["a"]) => runs.map((run) => readMetric(metric, run));
  const [ofA, ofB] = [read(load.a), read(load.b)];
  const [a, b] = [meanValue(ofA), meanValue(ofB)];
  if (a === undefined || b === undefined || a.atLeast || b.atLeast || !options.divisible) {
    return { comparison: { a, b } };
  }
  const difference = b.value - a.value;
  if (!(a.value > 0)) return { comparison: { a, b, difference } };
  const numbers = (values: readonly (BoundedValue | undefined)[]) => values.map((one) => one?.value ?? 0);
  const samples = { a: numbers(ofA), b: numbers(ofB) };
  const comparison = { a, b, difference, ratio: b.value / a.value };
  if (!options.enough || samples.a.some((value) => !(value > 0))) return { comparison };
  const random = seededRandom(`${load.loadTps}/${metric}`);
  const confidence = ratioInterval(samples.a, samples.b, random);
  return { comparison: { ...comparison, confidence }, samples };
}

/** undefined where there is no run, or one of them did not see it. */
function meanValue(values: readonly (BoundedValue | undefined)[]): BoundedValue | undefined {
  const seen = values.filter((one) => one !== undefined);
  if (seen.length === 0 || seen.length < values.length) return undefined;
  return meanOfValues(seen);
}
