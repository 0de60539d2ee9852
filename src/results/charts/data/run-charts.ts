/** Charts of one run: its seconds, machines, nodes and links. */
import type { HostSecond } from "../../../contracts/hosts/host-load.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { isNative } from "../../../metrics/stats/run-metrics.ts";
import { askedOf } from "../../analysis/links/asked.ts";
import { delayOf } from "../../analysis/links/judge-probe.ts";
import type { Axis, Chart, LineChart, Point, Series } from "../chart.ts";
import type { NodeMetric, RunView } from "../view.ts";
import { bandsOf } from "./bands.ts";
import { flowCharts } from "./flow-charts.ts";
import { messageCharts } from "./message-charts.ts";
import { windowTime } from "./over-time.ts";
import { routineCharts } from "./routine-charts.ts";
import { thin } from "./thin.ts";

/** Machines and nodes that have a line of their own. */
const mostLines = 8;

/** Those that say something of this run, in the order of the page. */
export function runCharts(view: RunView): readonly Chart[] {
  const { run } = view;
  const { messages, routines, flows } = isNative(run) ? run.figures : {};
  const charts = [
    ...(isNative(run) && messages ? messageCharts(run, messages) : []),
    ...(isNative(run) && routines ? routineCharts(run, routines) : []),
    ...(isNative(run) && flows ? flowCharts(run, flows) : []),
    latencyOverTime(view),
    rateOverTime(view),
    ...hostCharts.map((one) => hostChart(view, one)),
    ...nodeCharts.map((one) => nodeChart(view, one)),
    linkDelays(view),
  ];
  return charts.filter((chart) => chart !== undefined);
}

function latencyOverTime(view: RunView): LineChart | undefined {
  // Behind the last one that was seen, there is nothing but the wait for the others.
  const last = view.seconds.findLastIndex(({ p50Ms }) => p50Ms !== undefined);
  if (last < 0) return undefined;
  const seen = view.seconds.slice(0, last + 1);
  const line = (of: "p50Ms" | "p99Ms") => thin(seen.map((row) => ({ x: row.second, y: row[of] })));
  return {
    kind: "lines",
    name: "latency-time",
    title: "Latency over time",
    x: windowTime,
    y: { label: "latency of the second, ms", scale: "log" },
    series: [
      { name: "p50", colour: 0, points: line("p50Ms") },
      { name: "p99", colour: 1, points: line("p99Ms") },
    ],
    bands: bandsOf(view.run),
    notes: [],
  };
}

function rateOverTime(view: RunView): LineChart | undefined {
  // What comes after the window's last whole second are parts of one, and what was outstanding.
  const end = Math.floor(view.run.parameters.durationSecs);
  const whole = view.seconds.filter(({ second }) => Number.isInteger(second) && second < end);
  const line = (of: "offered" | "committed") => thin(whole.map((row) => ({ x: row.second, y: row[of] })));
  if (whole.length === 0) return undefined;
  const done = view.run.latencyKind === "response" ? "acknowledged" : "committed";
  return {
    kind: "lines",
    name: "rate-time",
    title: `Offered and ${done}`,
    x: windowTime,
    y: { label: "tx/s" },
    series: [
      { name: done, colour: 0, points: line("committed") },
      { name: "offered", colour: 5, style: "dashed", points: line("offered") },
    ],
    bands: bandsOf(view.run),
    notes: [],
  };
}

interface HostLines {
  readonly name: string;
  readonly title: string;
  readonly y: Axis;
  readonly of: (second: HostSecond) => number | undefined;
}

const percent = (ratio: number | undefined) => ratio && ratio * 100;

const hostCharts: readonly HostLines[] = [
  {
    name: "host-cpu",
    title: "CPU of machines",
    y: { label: "% of all cores" },
    of: ({ busyRatio }) => percent(busyRatio),
  },
  {
    name: "host-others",
    title: "CPU of other programs",
    y: { label: "% of all cores" },
    of: ({ backgroundRatio }) => percent(backgroundRatio),
  },
  {
    name: "host-memory",
    title: "Memory available on machines",
    y: { label: "bytes", unit: "bytes" },
    of: ({ memoryAvailableBytes }) => memoryAvailableBytes,
  },
  {
    name: "host-network",
    title: "Network of machines",
    y: { label: "bytes per second, in and out", unit: "bytes" },
    of: ({ networkBytesPerSec }) => networkBytesPerSec,
  },
];

function hostChart({ hosts }: RunView, { of, ...chart }: HostLines): LineChart | undefined {
  const lines = [...Map.groupBy(hosts, ({ host }) => host)].map(([name, rows]) => ({
    name,
    points: rows.map((row): Point => ({ x: row.second, y: of(row) })),
  }));
  return lineEach(chart, lines);
}

interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

/** A chart with a line for each; undefined where there is nothing but 0 to show. */
function lineEach(chart: Omit<HostLines, "of">, lines: readonly Line[]): LineChart | undefined {
  const seen = lines.filter(({ points }) => points.some(({ y }) => y !== undefined && y !== 0));
  if (seen.length === 0) return undefined;
  const largest = ({ points }: Line) => Math.max(...points.map(({ y = 0 }) => y));
  const shown = new Set([...seen].sort((a, b) => largest(b) - largest(a)).slice(0, mostLines));
  const series = seen
    .filter((line) => shown.has(line))
    .map(({ name, points }, colour): Series => ({ name: formatForeign(name), colour, points: thin(points) }));
  const left = seen.length - series.length;
  return {
    ...chart,
    kind: "lines",
    x: windowTime,
    series,
    notes: left > 0 ? [`${series.length} of ${seen.length} are drawn: those with the largest values.`] : [],
  };
}

interface NodeLines extends Omit<HostLines, "of"> {
  readonly metric: NodeMetric;
  /** Its growth per second is drawn. */
  readonly isCounter?: true;
}

const nodeCharts: readonly NodeLines[] = [
  { metric: "cpuSecs", name: "node-cpu", title: "CPU of nodes", y: { label: "cores" }, isCounter: true },
  {
    metric: "memoryBytes",
    name: "node-memory",
    title: "Memory of nodes",
    y: { label: "bytes resident", unit: "bytes" },
  },
  {
    metric: "sentBytes",
    name: "node-network",
    title: "Sent by nodes to their peers",
    y: { label: "bytes per second", unit: "bytes" },
    isCounter: true,
  },
  {
    metric: "diskBytes",
    name: "node-disk",
    title: "Logs of nodes on disk",
    y: { label: "bytes", unit: "bytes" },
  },
];

function nodeChart({ nodes }: RunView, { metric, isCounter, ...chart }: NodeLines): LineChart | undefined {
  const own = nodes.filter((sample) => sample.metric === metric);
  const lines = [...Map.groupBy(own, ({ node }) => node)].map(([name, samples]) => {
    const points = samples.map(({ second, value }) => ({ x: second, y: value }));
    return { name, points: isCounter ? growth(points) : points };
  });
  return lineEach(chart, lines);
}

/** Less than this apart, two looks at a counter say little of its growth. */
const leastGapSecs = 0.5;

/** Of a counter, per second, at the later look; a gap where it began anew. */
function growth(points: readonly { readonly x: number; readonly y: number }[]): Point[] {
  const rates: Point[] = [];
  let [before] = points;
  for (const point of points.slice(1)) {
    if (before === undefined || point.x - before.x < leastGapSecs) continue;
    const rate = (point.y - before.y) / (point.x - before.x);
    rates.push({ x: point.x, y: rate >= 0 ? rate : undefined });
    before = point;
  }
  return rates;
}

function linkDelays({ links }: RunView): LineChart | undefined {
  const points = (links?.links ?? []).flatMap((link) => {
    const asked = askedOf(link);
    const got = link.before && delayOf(asked, link.before);
    return asked.down || got === undefined ? [] : [{ x: asked.delayMs, y: got }];
  });
  if (points.length === 0) return undefined;
  return {
    kind: "lines",
    name: "links",
    title: "Link delays, asked and got",
    x: { label: "asked, ms" },
    y: { label: "got before the run, ms" },
    series: [{ name: "one link", colour: 0, style: "dots", points: thin(points) }],
    ideal: "as asked",
    notes: [],
  };
}
