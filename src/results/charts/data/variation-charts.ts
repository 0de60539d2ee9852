/** Charts of what was varied: a line over the values of one option, or a heat map over those of two. */
import type { MetricMean } from "../../../contracts/results/load-summary.ts";
import type { VariedOption } from "../../../contracts/results/variation.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatAsked, formatMean } from "../../report/text/figures.ts";
import type { Axis, Chart, HeatChart, LineChart, Series } from "../chart.ts";
import type { ResourceSeries } from "../resources.ts";
import {
  type VariationMetric,
  type VariationRow,
  type VariationSeries,
  variationSeries,
} from "../variation.ts";
import { resourceCharts } from "./resource-charts.ts";
import { meanPoint, meansNote } from "./sweep-charts.ts";

/** What is varied, and what was measured. */
export interface MeasuredVariation {
  readonly options: readonly VariedOption[];
  readonly rows: readonly VariationRow[];
  /** Empty unless the committee's size is what is varied. */
  readonly resources: readonly ResourceSeries[];
  /** Each point looked for a load of its own. */
  readonly searched: boolean;
}

/** Heat maps that fit on a page. */
const mostLoads = 6;

const metrics: Readonly<Record<VariationMetric, { readonly title: string; readonly label: string }>> = {
  throughput: { title: "Throughput", label: "throughput, tx/s" },
  p50Latency: { title: "Median latency", label: "p50 latency, ms" },
  p99Latency: { title: "99th percentile of latency", label: "p99 latency, ms" },
};

const chartName: Readonly<Record<VariationMetric, string>> = {
  throughput: "throughput",
  p50Latency: "p50-latency",
  p99Latency: "p99-latency",
};

/** All of them, by their names. */
export const variationCharts = (variation: MeasuredVariation): readonly Chart[] => [
  ...resultCharts(variation),
  ...resourceCharts(variation.resources),
];

/** In the order of the page; none where nothing was measured. */
export function resultCharts(variation: MeasuredVariation): readonly Chart[] {
  const names = Object.keys(metrics) as VariationMetric[];
  const { options, rows, searched } = variation;
  return names.flatMap((metric): readonly Chart[] => {
    const series = variationSeries(rows, metric, { searched });
    if (series.length === 0) return [];
    return options.length === 1 ? lineOver(variation, metric, series) : heatMaps(variation, metric, series);
  });
}

/** Names of options and values come from files. */
const show = (value: number | string) => formatForeign(String(value));

const loadName = ({ loadTps }: VariationSeries) =>
  loadTps === undefined ? "load found" : `${formatAsked(loadTps)} tx/s`;

function lineOver(
  { options: [option] }: MeasuredVariation,
  metric: VariationMetric,
  all: readonly VariationSeries[],
): LineChart[] {
  if (option === undefined || option.values.length < 2) return [];
  const { name, values } = option;
  const numbers = values.filter((value) => typeof value === "number");
  const hasNumbers = numbers.length === values.length;
  const x: Axis = hasNumbers
    ? {
        label: show(name),
        fromLeast: true,
        ticks: numbers.length > 12 ? undefined : [...numbers].sort((a, b) => a - b),
      }
    : { label: show(name), names: values.map(show) };
  const series = all.map((one, colour): Series => {
    const points = one.marks.flatMap(({ x: value, mean }) =>
      meanPoint(typeof value === "number" && hasNumbers ? value : values.indexOf(value), mean),
    );
    return { name: loadName(one), colour, points: points.sort((a, b) => a.x - b.x) };
  });
  const { title, label } = metrics[metric];
  const hasInterval = all.some(({ marks }) => marks.some(({ mean }) => isInterval(mean)));
  return [
    {
      kind: "lines",
      name: chartName[metric],
      title: `${title} by ${show(name)}`,
      x,
      y: { label, scale: metric === "throughput" ? "linear" : "log" },
      series,
      notes: hasInterval ? [meansNote] : [],
    },
  ];
}

const isInterval = ({ low, high }: MetricMean) => low !== undefined && high !== undefined;

function heatMaps(
  { options: [first, second] }: MeasuredVariation,
  metric: VariationMetric,
  all: readonly VariationSeries[],
): HeatChart[] {
  if (first === undefined || second === undefined) return [];
  const { title, label } = metrics[metric];
  return all.slice(0, mostLoads).map((one) => ({
    kind: "heat",
    name: all.length === 1 ? chartName[metric] : `${chartName[metric]}-${one.loadTps}`,
    title: `${title} at ${loadName(one)}, ${label.split(", ").at(-1)}`,
    x: { label: show(first.name), names: first.values.map(show) },
    y: { label: show(second.name), names: second.values.map(show) },
    cells: one.marks.flatMap(({ x, y, mean }) =>
      y === undefined
        ? []
        : [
            {
              x: first.values.indexOf(x),
              y: second.values.indexOf(y),
              value: mean.mean,
              text: formatMean({ ...mean, low: undefined, high: undefined }),
            },
          ],
    ),
    notes: all.length > mostLoads ? [`${mostLoads} of ${all.length} loads are drawn.`] : [],
  }));
}
