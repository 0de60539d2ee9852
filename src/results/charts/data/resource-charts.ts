/** What nodes of each role use, by the size of the committee. */

import { formatForeign } from "../../../core/text/foreign-text.ts";
import type { ResourceMetric } from "../../../metrics/nodes/resources.ts";
import { formatAsked } from "../../report/text/figures.ts";
import type { Axis, LineChart, Point, Series } from "../chart.ts";
import type { ResourceSeries } from "../resources.ts";
import { meanPoint, meansNote } from "./sweep-charts.ts";

interface Drawn {
  readonly metric: ResourceMetric;
  readonly name: string;
  readonly title: string;
  readonly y: Axis;
  /** Of what is drawn. */
  readonly scale?: number;
}

const drawn: readonly Drawn[] = [
  {
    metric: "memoryBytes",
    name: "resources-memory",
    title: "Memory of a node",
    y: { label: "bytes resident", unit: "bytes" },
  },
  {
    metric: "cpuRatio",
    name: "resources-cpu",
    title: "CPU of a node",
    y: { label: "% of a core" },
    scale: 100,
  },
  {
    metric: "readsPerSec",
    name: "resources-reads",
    title: "Reads of a node",
    y: { label: "calls of read per second" },
  },
  {
    metric: "writesPerSec",
    name: "resources-writes",
    title: "Writes of a node",
    y: { label: "calls of write per second" },
  },
  {
    metric: "openFiles",
    name: "resources-open-files",
    title: "Open files of a node",
    y: { label: "file descriptors" },
  },
  {
    metric: "goroutines",
    name: "resources-goroutines",
    title: "Goroutines of a node",
    y: { label: "goroutines" },
  },
  { metric: "threads", name: "resources-threads", title: "Threads of a node", y: { label: "threads" } },
  {
    metric: "connections",
    name: "resources-connections",
    title: "Connections of a node",
    y: { label: "connections" },
  },
];

const scaled = ({ x, y, low, high }: Point, scale: number): Point => {
  const times = (value: number | undefined) => value && Math.max(0, value * scale);
  return { x, y: times(y), low: times(low), high: times(high) };
};

/** One for each metric that is known. */
export function resourceCharts(all: readonly ResourceSeries[]): readonly LineChart[] {
  const loads = new Set(all.map(({ loadTps }) => loadTps));
  const nameOf = ({ role, loadTps }: ResourceSeries) =>
    `${formatForeign(role)}${loads.size > 1 ? `, ${formatAsked(loadTps)} tx/s` : ""}`;
  const sizes = [...new Set(all.flatMap(({ rows }) => rows.map(({ committee }) => committee)))].sort(
    (a, b) => a - b,
  );
  return drawn.flatMap(({ metric, scale = 1, ...chart }): readonly LineChart[] => {
    const series = all.map((one, colour): Series => {
      const points = one.rows.flatMap(({ committee, metrics }) => meanPoint(committee, metrics[metric]));
      return { name: nameOf(one), colour, points: points.map((point) => scaled(point, scale)) };
    });
    if (series.every(({ points }) => points.length < 2)) return [];
    const hasInterval = series.some(({ points }) => points.some(({ low }) => low !== undefined));
    return [
      {
        ...chart,
        kind: "lines",
        x: { label: "committee", fromLeast: true, ticks: sizes.length > 12 ? undefined : sizes },
        series: series.filter(({ points }) => points.length > 0),
        notes: hasInterval ? [meansNote] : [],
      },
    ];
  });
}
