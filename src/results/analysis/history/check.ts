/** Whether the runs of a bundle are worse than what a history has. Pure. */
import type {
  CheckedMetric,
  CheckedSeries,
  HistoryEntry,
  HistoryMetric,
  HistoryOutcome,
  HistorySeries,
} from "../../../contracts/results/history.ts";
import { studentTails } from "../../../metrics/stats/confidence.ts";
import { holmAdjusted } from "../../../metrics/stats/holm.ts";
import { mannWhitney } from "../../../metrics/stats/mann-whitney.ts";
import { meanOf, sampleStandardDeviationOf } from "../../../metrics/stats/sample.ts";
import { leastSegment, windowStep } from "../../../metrics/stats/trend/change-points.ts";
import { findDrift } from "../../../metrics/stats/trend/cusum.ts";
import {
  changesOfMetric,
  confirmedChange,
  type HistoryOptions,
  isWorse,
  type MetricSeries,
  minEffectOf,
  publishedMetric,
  runsForClaim,
  seriesOfMetric,
} from "./changes.ts";
import { differsFrom, type KeyedEntry, nearby, systemAround, systemDifferences } from "./entries.ts";
import { historyMetricNames, unitOf } from "./metrics.ts";

/** Corrected p below which a difference is not taken for chance: a pipeline checks often. */
const significantBelow = 0.01;
/** Entries that a new one is compared with at most: the latest. */
const mostInWindow = 50;
/** Entries in which changes are looked for. */
const mostLooked = 1_000;

/** A load of a bundle, and what the history has of its series. */
export interface HistoryCase extends KeyedEntry {
  /** By time; those before the new one count. */
  readonly entries: readonly HistoryEntry[];
}

/**
 * Each metric of each load against the entries since its last change. A difference is claimed where two tests agree that
 * it is no chance, over all metrics and loads as one family, and where it is large enough. Mann-Whitney takes each run
 * for one value; Student's prediction takes each entry for one, since runs of one bundle share a machine's mood.
 *
 * @param others all series of the history
 */
export function checkHistory(
  cases: readonly HistoryCase[],
  others: readonly HistorySeries[],
  options: HistoryOptions,
): CheckedSeries[] {
  const looked = cases.map((one) => {
    const before = one.entries.filter(({ at }) => at < one.entry.at);
    const metrics = historyMetricNames.flatMap((metric) => lookAt(metric, before, one.entry, options));
    return { ...one, before, metrics };
  });
  const tests = looked.flatMap(({ metrics }) => metrics.flatMap(({ p }) => p ?? []));
  const adjusted = holmAdjusted(tests).values();
  return looked.map(({ series, entry, before, metrics }) => ({
    ...series,
    entry,
    place: before.length + 1,
    system: systemDifferences(before.at(-1), entry),
    metrics: metrics.map((look) =>
      conclude(look, series, look.p === undefined ? undefined : adjusted.next().value),
    ),
    differs: before.length === 0 ? differsFrom(series, others) : [],
  }));
}

interface Look {
  readonly metric: HistoryMetric;
  readonly value: number;
  readonly window: MetricSeries;
  readonly runs: number;
  readonly newRuns: number;
  readonly minEffectRatio: number;
  /** Of the less significant of both tests; absent where there is too little to compare with. */
  readonly p?: number | undefined;
  readonly since?: CheckedMetric["since"];
}

function lookAt(
  metric: HistoryMetric,
  before: readonly HistoryEntry[],
  entry: HistoryEntry,
  options: HistoryOptions,
): Look[] {
  const values = entry.values[metric];
  if (values === undefined) return [];
  const known = latest(seriesOfMetric(metric, before));
  const changes = changesOfMetric(known, options);
  const last = confirmedChange(known, changes);
  // What stands behind a change that is only suspected is not what the new one is compared with.
  const end = changes.find(({ index }) => index > (last?.index ?? 0))?.index ?? known.means.length;
  const window = cut(known, Math.max(last?.index ?? 0, end - mostInWindow), end);
  const runValues = window.entries.flatMap((one) => one.values[metric] ?? []);
  const value = meanOf(values);
  const found = {
    metric,
    value,
    window,
    runs: runValues.length,
    newRuns: values.length,
    minEffectRatio: minEffectOf(metric, options),
  };
  if (window.means.length < leastSegment) return [found];
  const ofEntries = predictionP(value, window.means);
  const isEnough = Math.min(values.length, runValues.length) >= runsForClaim;
  const p = isEnough
    ? Math.max(ofEntries, rankP(runValues, values, value / meanOf(window.means)))
    : ofEntries;
  const all = appended(known, entry, { value, place: before.length + 1 });
  return [{ ...found, p, since: newChange(all, last?.index, options) ?? newDrift(all, window, found) }];
}

const cut = ({ metric, entries, means, places }: MetricSeries, from: number, to?: number): MetricSeries => ({
  metric,
  entries: entries.slice(from, to),
  means: means.slice(from, to),
  places: places.slice(from, to),
});

/** The entries that matter, so that a long history is checked as fast as a short one. */
function latest(series: MetricSeries): MetricSeries {
  const older = Math.max(0, series.means.length - mostLooked);
  // Where windows of the whole series begin, so that both find the same changes.
  return cut(series, Math.ceil(older / windowStep) * windowStep);
}

function appended(
  { metric, entries, means, places }: MetricSeries,
  entry: HistoryEntry,
  { value, place }: { readonly value: number; readonly place: number },
): MetricSeries {
  return { metric, entries: [...entries, entry], means: [...means, value], places: [...places, place] };
}

/** How likely one more value of the same normal distribution is so far from the mean of those that are known. */
function predictionP(value: number, known: readonly number[]): number {
  const away = Math.abs(value - meanOf(known));
  if (away === 0) return 1;
  const error = sampleStandardDeviationOf(known) * Math.sqrt(1 + 1 / known.length);
  return studentTails(away / error, known.length - 1);
}

/** The ranks must point where the means do: one run far off may turn a mean around. */
function rankP(known: readonly number[], values: readonly number[], ratio: number): number {
  const { p, delta } = mannWhitney(known, values);
  return Math.sign(delta) === Math.sign(ratio - 1) ? p : 1;
}

/** A change before the new entry that this entry is the first to confirm: later ones do not claim it again. */
function newChange(
  all: MetricSeries,
  former: number | undefined,
  options: HistoryOptions,
): CheckedMetric["since"] {
  const confirmedOf = (series: MetricSeries) => confirmedChange(series, changesOfMetric(series, options));
  const change = confirmedOf(all);
  if (change === undefined || change.index <= (former ?? 0) + nearby) return undefined;
  for (let count = change.index + leastSegment; count < all.means.length - 1; count++) {
    const earlier = confirmedOf(cut(all, 0, count));
    if (earlier !== undefined && Math.abs(earlier.index - change.index) <= nearby) return undefined;
  }
  return sinceOf(all, change.index, { kind: "change", before: change.before, after: change.after });
}

/** A slow drift that this entry shows, if it is large enough. */
function newDrift(
  all: MetricSeries,
  window: MetricSeries,
  { minEffectRatio }: Pick<Look, "minEffectRatio">,
): CheckedMetric["since"] {
  const start = all.places.indexOf(window.places[0] as number);
  const means = all.means.slice(start);
  const drift = findDrift(means);
  if (drift === undefined || drift.at !== means.length - 1) return undefined;
  const [before, after] = [meanOf(means.slice(0, drift.from)), meanOf(means.slice(drift.from))];
  if (Math.abs(after / before - 1) < minEffectRatio) return undefined;
  return sinceOf(all, start + drift.from, { kind: "drift", before, after });
}

function sinceOf(
  { entries, places }: MetricSeries,
  index: number,
  change: { readonly kind: "change" | "drift"; readonly before: number; readonly after: number },
): CheckedMetric["since"] {
  const entry = entries[index] as HistoryEntry;
  const system = systemAround(entries, index);
  return { place: places[index] as number, bundle: entry.bundle, system, ...change };
}

function conclude(look: Look, series: HistorySeries, adjustedP: number | undefined): CheckedMetric {
  const { metric, value, window, runs, minEffectRatio, since } = look;
  const known = {
    metric: publishedMetric[metric],
    unit: unitOf(metric, series),
    value,
    entries: window.means.length,
    runs,
    minEffectRatio,
  };
  if (adjustedP === undefined) return { ...known, outcome: "no-history", isWorse: false };
  const mean = meanOf(window.means);
  const ratio = value / mean;
  const isClear = adjustedP < significantBelow && Math.abs(ratio - 1) >= minEffectRatio;
  // What one bundle shows clearly is more than a drift up to it.
  const told = isClear && since?.kind === "drift" ? undefined : since;
  const worse = isWorse(metric, told === undefined ? ratio : told.after / told.before);
  const outcome = outcomeOf(isClear, worse, { ...look, since: told });
  return { ...known, mean, ratio, adjustedP, since: told, outcome, isWorse: worse };
}

/** No single bundle makes a drift, and CUSUM finds one in chance alone now and then: that is suspect. */
function outcomeOf(isClear: boolean, worse: boolean, { runs, newRuns, since }: Look): HistoryOutcome {
  const claimed = worse ? "regression" : "improvement";
  if (since?.kind === "change") return claimed;
  if (isClear && Math.min(runs, newRuns) >= runsForClaim) return claimed;
  return isClear || since !== undefined ? "suspect" : "no-change";
}
