/** What a line chart of one varied option, or a heat map of two, is drawn from: bundles' figures, put in order. Pure. */
import type { LoadSummary, MetricMean } from "../../contracts/results/load-summary.ts";
import type { Variation } from "../../contracts/results/variation.ts";
import type { VerdictStatus } from "../../contracts/results/verdict.ts";
import { summarizeLoads } from "../../metrics/stats/load-summary.ts";
import { publishedRun } from "../schema/published-run.ts";
import type { MeasuredSummary } from "../schema/summary.ts";

type VariedValue = number | string;

/** One point: its values, and what was measured there. */
export interface MeasuredPoint {
  /** In the order of the varied options. */
  readonly values: readonly VariedValue[];
  /** Absent where nothing was measured. */
  readonly summary?: Pick<MeasuredSummary, "runs" | "search"> | undefined;
}

/** The points of a variation, each with what was measured there. @param summaries by the names of their bundles */
export const measuredPoints = (
  { points }: Pick<Variation, "points">,
  summaries: ReadonlyMap<string, MeasuredPoint["summary"]>,
): readonly MeasuredPoint[] =>
  points.map(({ values, bundle }) => ({ values, summary: summaries.get(bundle) }));

/** What is drawn of a load of a point. */
export type VariationMetric = "throughput" | "p50Latency" | "p99Latency";

/** A load of a point over its runs; of a search, the load that it found. */
export interface VariationRow {
  readonly values: readonly VariedValue[];
  /** tx/s, or in flight; absent where no run has ended, or a search found no sustained load. */
  readonly loadTps?: number | undefined;
  readonly runs: number;
  /** tx/s and milliseconds, over the runs that are not invalid. */
  readonly metrics: Pick<LoadSummary["metrics"], VariationMetric>;
  /** Of the runs, each once. */
  readonly verdicts: readonly VerdictStatus[];
}

/** Point by point, load by load. */
export function variationRows(points: readonly MeasuredPoint[]): readonly VariationRow[] {
  return points.flatMap(({ values, summary }): readonly VariationRow[] => {
    const runs = summary?.runs ?? [];
    const search = summary?.search;
    const loads = summarizeLoads(runs.map(publishedRun)).filter(
      ({ loadTps }) => search === undefined || loadTps === search.sustainedTps,
    );
    if (loads.length === 0) return [{ values, runs: runs.length, metrics: {}, verdicts: [] }];
    return loads.map(({ loadTps, runs: count, metrics }) => {
      const own = runs.filter(({ parameters }) => parameters.loadTps === loadTps);
      const verdicts = [...new Set(own.map(({ verdict }) => verdict.status))];
      return { values, loadTps, runs: count, metrics, verdicts };
    });
  });
}

/** What a metric comes to at a point. */
export interface VariationMark {
  readonly x: VariedValue;
  /** The second option's value; absent where one is varied. */
  readonly y?: VariedValue | undefined;
  readonly mean: MetricMean;
}

/** One load: a line over the values of one option, or a heat map over those of two. */
export interface VariationSeries {
  /** Absent in a search, whose points found a load each. */
  readonly loadTps?: number | undefined;
  readonly marks: readonly VariationMark[];
}

/**
 * A metric by load. Points at which it is not known have no mark.
 *
 * @param searched whether each point looked for a load of its own: then all are one series
 */
export function variationSeries(
  rows: readonly VariationRow[],
  metric: VariationMetric,
  { searched = false } = {},
): readonly VariationSeries[] {
  const byLoad = Map.groupBy(rows, ({ loadTps }) => (searched ? undefined : loadTps));
  return [...byLoad].flatMap(([loadTps, own]) => {
    const marks = own.flatMap(({ values: [x, y], metrics }): VariationMark[] => {
      const mean = metrics[metric];
      return mean === undefined || x === undefined ? [] : [{ x, y, mean }];
    });
    return marks.length === 0 ? [] : [{ loadTps, marks }];
  });
}
