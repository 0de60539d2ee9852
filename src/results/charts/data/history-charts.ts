/** The values of a series of a history, with its changes marked. */
import type { HistoryChange, ShownSeries } from "../../../contracts/results/history.ts";
import { ConfigurationError } from "../../../core/errors.ts";
import { suggestion } from "../../../core/text/nearest.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";
import { publishedMetric } from "../../analysis/history/changes.ts";
import { historyMetricNames, keptMetric, unitOf } from "../../analysis/history/metrics.ts";
import type { LineChart, Point, Series } from "../chart.ts";

/** A chart of each metric that an entry knows. */
export function historyCharts(shown: ShownSeries): LineChart[] {
  return historyMetricNames.flatMap((metric): LineChart[] => {
    const points = shown.entries.flatMap(({ values }, index): Point[] => {
      const own = values[metric];
      return own === undefined ? [] : [{ x: index + 1, y: meanOf(own) }];
    });
    if (points.length === 0) return [];
    const changes = shown.changes.filter((change) => change.metric === publishedMetric[metric]);
    const unit = unitOf(metric, shown);
    return [
      {
        kind: "lines",
        name: publishedMetric[metric].replaceAll("_", "-"),
        title: keptMetric(metric).title,
        x: { label: "entry", fromLeast: true },
        y: {
          label: unit === "bytes" ? "memory" : unit,
          fromLeast: true,
          unit: unit === "bytes" ? unit : undefined,
        },
        series: [
          { name: "", colour: 0, points, style: "dots" },
          ...meanLines(points, changes),
          ...marked(points, changes),
        ],
        notes: [],
      },
    ];
  });
}

/** The mean between changes: a line that ends at each. */
function meanLines(points: readonly Point[], changes: readonly HistoryChange[]): Series[] {
  const starts = [0, ...changes.map(({ place }) => points.findIndex(({ x }) => x === place))];
  const levels = starts.flatMap((from, at): Point[] => {
    const own = points.slice(from, starts[at + 1]);
    const y = meanOf(own.map((point) => point.y ?? 0));
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [{ x: first.x, y }, { x: last.x, y }, { x: last.x }];
  });
  return [{ name: "mean", colour: 0, points: levels }];
}

/** Each change at its first entry, in a colour for worse and one for better. */
function marked(points: readonly Point[], changes: readonly HistoryChange[]): Series[] {
  return (["worse", "better"] as const).flatMap((name, index): Series[] => {
    const own = changes.filter(({ isWorse }) => isWorse === (name === "worse"));
    const at = points.filter(({ x }) => own.some(({ place }) => place === x));
    return at.length === 0 ? [] : [{ name, colour: index + 1, points: at, style: "marks" }];
  });
}

/** The charts that `--svg` asks for: one by its name, or all. @throws ConfigurationError with the names that there are */
export function findHistoryCharts(asked: string, shown: ShownSeries): readonly LineChart[] {
  const charts = historyCharts(shown);
  const found = asked === "all" ? charts : charts.filter(({ name }) => name === asked);
  if (found.length > 0) return found;
  const names = ["all", ...charts.map(({ name }) => name)];
  const message = `--svg: there is no chart "${asked}" of this series.${suggestion(asked, names)} Use one of ${names.join(", ")}.`;
  throw new ConfigurationError([{ code: "invalid-value", message }]);
}
