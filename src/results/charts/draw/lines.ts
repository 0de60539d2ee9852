import type { MarkerOptions, Markish, PlotOptions } from "@observablehq/plot";
import type { Axis, Band, LineChart, Point, Series } from "../chart.ts";
import { bytesScale, linearScale, logScale, type Scale, spread, tailScale, tickText } from "./axis.ts";
import type { Kit } from "./kit.ts";
import { colourOf } from "./theme.ts";

/** Height of a chart for its width. */
const heightOf = (width: number) => (width < 480 ? 230 : 260);

const margins = { top: 26, bottom: 40, left: 50 };
const fontPx = 12;
const labelGap = 14;

function scaleOf(axis: Axis, values: readonly number[]): Scale {
  const { scale, names, fromLeast, unit, ticks } = axis;
  if (names !== undefined) {
    return { type: "linear", domain: [-0.5, names.length - 0.5], ticks: names.map((_, place) => place) };
  }
  if (scale === "tail") return tailScale(values);
  if (scale === "log") {
    const log = logScale(values);
    return ticks === undefined ? log : { ...log, ticks };
  }
  if (unit === "bytes") return bytesScale(values);
  const linear = linearScale(values, { fromLeast });
  return ticks === undefined ? linear : { ...linear, ticks };
}

/** How much higher a chart is for names that are turned because they have no room beside each other, pixels. */
function turnedNames({ names = [] }: Axis, width: number): number {
  const longest = Math.max(0, ...names.map((name) => name.length)) * fontPx * 0.56;
  return longest * names.length < width * 0.95 ? 0 : Math.min(80, longest * Math.sin(turnedBy));
}

const turnedBy = Math.PI / 5;

const ends = ({ y, low, high }: Point) => [y, low, high].filter((value) => value !== undefined);

/** The options of a plot with lines. */
export function linesPlot({ plot }: Kit, chart: LineChart, width: number): PlotOptions {
  const { series, bands = [], ideal } = chart;
  const height = heightOf(width);
  const xs = [
    ...series.flatMap(({ points }) => points.map(({ x }) => x)),
    ...bands.flatMap((b) => [b.from, b.to]),
  ];
  const x = scaleOf(chart.x, xs);
  const ys = series.flatMap(({ points }) => points.flatMap(ends));
  const y = scaleOf(chart.y, ideal === undefined ? ys : [...ys, ...xs]);
  const labels = endLabels(series, { x, y, height });
  const longest = Math.max(0, ...labels.map(({ text }) => text.length));
  const marginRight = Math.min(width * 0.32, 16 + longest * fontPx * 0.64);
  const turnedPx = turnedNames(chart.x, width - margins.left - marginRight);
  const isInside = (at: number) => at >= x.domain[0] && at <= x.domain[1];
  const marks: Markish[] = [
    bandMarks(
      plot,
      bands.filter(({ from, to }) => from <= x.domain[1] && to >= x.domain[0]),
      x,
    ),
    plot.gridY(y.ticks, { stroke: "var(--grid)", strokeOpacity: 1 }),
    plot.axisX(x.ticks.filter(isInside), {
      text: tickOf(chart.x),
      tickSize: 4,
      ...(turnedPx > 0 ? { tickRotate: (-turnedBy * 180) / Math.PI } : {}),
      stroke: "var(--grid)",
      label: chart.x.label,
      labelAnchor: "center",
      labelArrow: "none",
    }),
    plot.axisY(y.ticks, {
      text: tickOf(chart.y),
      tickSize: 0,
      label: chart.y.label,
      labelArrow: "none",
    }),
    ideal === undefined ? undefined : idealMarks(plot, x, y),
    ...series.map((one) => seriesMarks(plot, one, y)),
    plot.text(labels, {
      x: "x",
      y: "y",
      text: "text",
      fill: "fill",
      textAnchor: "start",
      dx: 7,
      fontWeight: 600,
      clip: false,
    }),
  ].filter((mark) => mark !== undefined);
  const [least, most] = x.domain;
  return {
    width,
    height: height + turnedPx,
    marginTop: margins.top,
    marginBottom: margins.bottom + turnedPx,
    marginLeft: margins.left,
    marginRight,
    x: { type: x.type, domain: [least, most] },
    y: { type: y.type, domain: [...y.domain] },
    marks,
  };
}

/** Given as text: of a logarithmic scale, the library leaves out some that it formats itself. */
const tickOf =
  ({ scale, unit, names }: Axis) =>
  (value: number) =>
    names?.[value] ?? tickText(value, scale === "tail" ? "tail" : unit);

/** Longer names are cut: hosts and nodes are called as others like. */
const longestName = 22;
const shorten = (name: string, most = longestName) =>
  name.length > most ? `${name.slice(0, most - 1)}…` : name;

interface LabelPlace {
  readonly x: Scale;
  readonly y: Scale;
  readonly height: number;
}

/** A line that ends before this share of the x-axis has its name where it ends; the others stand below each other. */
const leastShare = 0.8;

/** Beside the last point of each name, apart from each other. */
function endLabels(series: readonly Series[], { x, y, height }: LabelPlace) {
  const { type, domain } = y;
  const named = [
    ...Map.groupBy(
      series.filter(({ name, style }) => style !== "dots" && name !== ""),
      ({ name }) => name,
    ),
  ];
  const [top, bottom] = [margins.top, height - margins.bottom];
  const place = (value: number) => (type === "log" ? Math.log(Math.max(value, domain[0])) : value);
  const [from, to] = [place(domain[0]), place(domain[1])];
  const last = named.flatMap(([text, lines]) => {
    const ends = lines.flatMap(({ points }) => points.findLast((point) => point.y !== undefined) ?? []);
    const [end] = ends.sort((a, b) => b.x - a.x || (b.y ?? 0) - (a.y ?? 0));
    if (end === undefined) return [];
    const at = shareOf(end.x, x) < leastShare ? end.x : x.domain[1];
    return [{ text: shorten(text), x: at, value: end.y ?? 0, fill: colourOf(lines[0]?.colour ?? 0) }];
  });
  const pixels = last.map(({ value }) => bottom - ((place(value) - from) / (to - from)) * (bottom - top));
  const apart = spread(pixels, labelGap, [top, bottom]);
  return last.map(({ text, fill, x }, at) => {
    const share = (bottom - (apart[at] ?? 0)) / (bottom - top);
    const value = from + share * (to - from);
    return { text, fill, x, y: type === "log" ? Math.exp(value) : value };
  });
}

/** How far along an axis a value lies, 0 to 1. */
function shareOf(value: number, { type, domain: [from, to] }: Scale): number {
  if (type === "linear") return (value - from) / (to - from);
  return Math.log(value / from) / Math.log(to / from);
}

function seriesMarks(plot: Kit["plot"], { points, colour, style = "line" }: Series, y: Scale): Markish {
  const stroke = colourOf(colour);
  const isLog = y.type === "log";
  // Of a logarithm, 0 has none: there is a gap.
  const value = ({ y: at }: Point) => (at === undefined || (isLog && at <= 0) ? Number.NaN : at);
  if (style === "dots") {
    return plot.dot(points, { x: "x", y: value, r: 2.2, fill: stroke, fillOpacity: 0.35 });
  }
  const bars = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  const least = ({ low = 0 }: Point) => Math.max(low, y.domain[0]);
  // Few points are places of their own; many are a course.
  const marker: MarkerOptions["marker"] = points.length <= 12 ? "dot" : "none";
  const intervals = plot.ruleX(bars, {
    ...{ x: "x", y1: least, y2: "high" },
    ...{ stroke, strokeOpacity: 0.8, strokeWidth: 1.4 },
  });
  if (style === "marks") return [intervals, plot.dot(points, { x: "x", y: value, r: 3, fill: stroke })];
  return [
    intervals,
    plot.lineY(points, {
      x: "x",
      y: value,
      stroke,
      marker,
      strokeWidth: style === "faint" ? 1 : 1.8,
      strokeOpacity: style === "faint" ? 0.5 : 1,
      ...(style === "dashed" ? { strokeDasharray: "4 3" } : {}),
    }),
  ];
}

function idealMarks(plot: Kit["plot"], x: Scale, y: Scale): Markish {
  const from = Math.max(x.domain[0], y.domain[0]);
  const to = Math.min(x.domain[1], y.domain[1]);
  const line = [from, to].map((at) => ({ x: at, y: at }));
  return plot.lineY(line, { x: "x", y: "y", stroke: "var(--soft)", strokeDasharray: "2 3", strokeWidth: 1 });
}

/** Names of bands that fit above a chart; the tables beside it have all. */
const mostNames = 6;

function bandMarks(plot: Kit["plot"], bands: readonly Band[], x: Scale): Markish {
  const [least, most] = x.domain;
  const cut = bands.map((band) => ({
    ...band,
    from: Math.max(band.from, least),
    to: Math.min(band.to, most),
  }));
  const named = cut
    .filter(({ from }, at) => at === cut.findIndex((other) => other.from === from))
    .slice(0, mostNames);
  return [
    plot.rect(cut, {
      x1: "from",
      x2: "to",
      fill: ({ kind }: Band) => `var(--${kind})`,
      fillOpacity: ({ kind }: Band) => (kind === "phase" ? 0.05 : 0.13),
      insetLeft: 0.5,
    }),
    plot.text(named, {
      x: "from",
      frameAnchor: "top",
      text: ({ name }: Band) => shorten(name),
      textAnchor: "start",
      dx: 3,
      dy: 3,
      fontSize: 10.5,
      fill: ({ kind }: Band) => `var(--${kind})`,
    }),
  ];
}
