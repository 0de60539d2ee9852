/** Charts over all runs of a sweep. */
import type { LoadSummary, MetricMean } from "../../../contracts/results/load-summary.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { summarizeLoads } from "../../../metrics/stats/load-summary.ts";
import {
  isCounted,
  isDriven,
  isNative,
  isOfMessages,
  readMetric,
} from "../../../metrics/stats/run-metrics.ts";
import { loadHead, nameLoad, throughputUnitOf } from "../../report/text/load.ts";
import type { BarChart, Chart, LineChart, Point, Series } from "../chart.ts";
import { mostCurves, type SweepView } from "../view.ts";
import { fatesOf } from "./fates.ts";
import { thin } from "./thin.ts";

type Metric = "throughput" | "p50Latency" | "p99Latency";

/** Those that say something of this sweep, in the order of the page. */
export function sweepCharts(view: SweepView): readonly Chart[] {
  const charts = [
    latencyByLoad(view),
    throughputByLoad(view),
    percentiles(view),
    ledgers(view),
    blockAges(view),
  ];
  return charts.filter((chart) => chart !== undefined);
}

/** A load's mean with its interval; a bound has none. */
export function meanPoint(x: number, mean: MetricMean | undefined): Point[] {
  if (mean === undefined) return [];
  const { low, high, upTo } = mean;
  return [{ x, y: mean.mean, low: low ?? (upTo === undefined ? undefined : mean.mean), high: high ?? upTo }];
}

/** The loads' means, and behind them each run. */
export function byLoad(
  runs: readonly MeasuredRun[],
  metric: Metric,
  series: Pick<Series, "name" | "colour" | "style">,
): readonly Series[] {
  const loads: readonly LoadSummary[] = summarizeLoads(runs);
  const points = loads.flatMap(({ loadTps, metrics }) => meanPoint(loadTps, metrics[metric])).sort(byX);
  const single = runs.filter(isCounted).flatMap((run) => {
    const found = readMetric(metric, run);
    return found === undefined ? [] : [{ x: run.parameters.loadTps, y: found.value }];
  });
  const isRepeated = loads.some((load) => load.countedRuns > 1);
  return [
    ...(isRepeated ? [{ ...series, style: "dots" as const, points: thin(single) }] : []),
    { ...series, points },
  ];
}

const byX = (a: Point, b: Point) => a.x - b.x;

export const loadsOf = (runs: readonly MeasuredRun[]) =>
  [...new Set(runs.map(({ parameters }) => parameters.loadTps))].sort((a, b) => a - b);

export const loadAxis = (runs: readonly MeasuredRun[]) => {
  const [head, unit] = loadHead(runs);
  const ticks = loadsOf(runs);
  const isWide = (ticks.at(-1) ?? 1) / (ticks[0] ?? 1) > 20;
  const label = head === "Closed" ? "transactions in flight" : `offered load, ${unit}`;
  return { label, ticks: ticks.length > 8 ? undefined : ticks, scale: isWide ? "log" : "linear" } as const;
};

/** Where there are no dots. */
export const meansNote = "Bars: 95 % confidence intervals of the mean over runs.";
export const intervalNote = "Bars: 95 % confidence intervals of the mean over runs; dots: single runs.";
export const bucketNote = "Bars: the bucket in which the nodes counted it.";

export const notesOf = (runs: readonly MeasuredRun[]) => {
  if (runs.some((run) => isNative(run) && !isOfMessages(run))) return [bucketNote];
  return loadsOf(runs).length < runs.filter(isCounted).length ? [intervalNote] : [];
};

const isCurve = (runs: readonly MeasuredRun[]) => loadsOf(runs.filter(isCounted)).length > 1;

function latencyByLoad({ summary: { runs } }: SweepView): LineChart | undefined {
  if (!isCurve(runs)) return undefined;
  const series = [
    ...byLoad(runs, "p50Latency", { name: "p50", colour: 0 }),
    ...byLoad(runs, "p99Latency", { name: "p99", colour: 1 }),
  ];
  if (series.every(({ points }) => points.length === 0)) return undefined;
  return {
    kind: "lines",
    name: "latency-load",
    title: "Latency against load",
    x: loadAxis(runs),
    y: { label: "latency, ms", scale: "log" },
    series,
    notes: notesOf(runs),
  };
}

function throughputByLoad({ summary: { runs } }: SweepView): LineChart | undefined {
  if (!isCurve(runs)) return undefined;
  const x = loadAxis(runs);
  return {
    kind: "lines",
    name: "throughput-load",
    title: "Throughput against offered load",
    x,
    y: {
      label: `throughput, ${throughputUnitOf(runs)}`,
      scale: x.scale,
      ticks: runs[0]?.kind === "closed-loop" ? undefined : x.ticks,
    },
    series: byLoad(runs, "throughput", { name: "throughput", colour: 0 }),
    ideal: runs[0]?.kind === "closed-loop" ? undefined : "all that was offered",
    notes: notesOf(runs),
  };
}

function percentiles({ runs }: SweepView): LineChart | undefined {
  const all = runs.map(({ run }) => run);
  const drawn = runs.filter(({ curve }) => curve.length > 0);
  const loads = loadsOf(drawn.map(({ run }) => run));
  const series = drawn.map(
    ({ run, curve }): Series => ({
      name: nameLoad(run.parameters.loadTps, all),
      colour: loads.indexOf(run.parameters.loadTps),
      points: curve,
    }),
  );
  if (series.length === 0) return undefined;
  const left = all.length - series.length;
  return {
    kind: "lines",
    name: "percentiles",
    title: "Latency by percentile",
    x: { label: "percentile of transactions", scale: "tail" },
    y: { label: "latency, ms", scale: "log" },
    series,
    notes: [
      "A line ends where transactions begin whose end was not seen.",
      ...(left > 0
        ? [`${series.length} of ${all.length} runs are drawn: the first ${mostCurves.load} of each load.`]
        : []),
    ],
  };
}

/** Bars that fit on a page. */
const mostBars = 30;

function ledgers({ summary: { runs } }: SweepView): BarChart | undefined {
  const driven = runs.filter(isDriven);
  const worstFirst = [...driven].sort((a, b) => b.failed - a.failed);
  const shown = driven.length <= mostBars ? driven : worstFirst.slice(0, mostBars);
  const bars = [...shown]
    .sort((a, b) => a.parameters.loadTps - b.parameters.loadTps || a.benchmarkNumber - b.benchmarkNumber)
    .map((run) => ({
      name: `run ${run.benchmarkNumber}, ${nameLoad(run.parameters.loadTps, [run])}`,
      parts: fatesOf(run.ledger, run.latencyKind === "commit"),
    }));
  if (bars.length === 0) return undefined;
  return {
    kind: "bars",
    name: "ledger",
    title: "Where every transaction ended",
    label: "share of the transactions due",
    bars,
    notes:
      shown.length < driven.length
        ? [`${shown.length} of ${driven.length} runs are drawn: those in which most failed.`]
        : [],
  };
}

function blockAges({ summary: { runs } }: SweepView): LineChart | undefined {
  const ages = runs.filter(isDriven).flatMap(({ blockAge, benchmarkNumber }) => {
    return blockAge?.p50Ms === undefined ? [] : [{ x: benchmarkNumber, ...blockAge }];
  });
  if (ages.length < 2) return undefined;
  const points = (of: "p50Ms" | "p99Ms") => thin(ages.map((age): Point => ({ x: age.x, y: age[of] })));
  return {
    kind: "lines",
    name: "block-age",
    title: "Age of blocks when first seen",
    x: { label: "run", fromLeast: true, ticks: ages.length > 20 ? undefined : ages.map(({ x }) => x) },
    y: { label: "own time to first seen, ms" },
    series: [
      { name: "p50", colour: 0, points: points("p50Ms") },
      { name: "p99", colour: 1, points: points("p99Ms") },
    ],
    notes: ["The difference of two clocks: it means something only where it is larger than their error."],
  };
}
