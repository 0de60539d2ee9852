/** Charts of messages among peers: who was how late for whom, when, and what became of it in disturbances. */
import type { MessageFigures } from "../../../contracts/results/native/messages.ts";
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { byUse } from "../../analysis/messages/traffic.ts";
import { formatFigure, formatPercent, formatQuantile } from "../../report/text/figures.ts";
import type { Chart, HeatCell, HeatChart, LineChart, Point, Series } from "../chart.ts";
import { bandsOf } from "./bands.ts";
import { overTime, windowTime } from "./over-time.ts";
import { thin } from "./thin.ts";

/** Peers that a matrix shows; the run's file has all. */
const mostPeers = 24;
/** Peers with a colour of their own. */
const mostColours = 8;

/** In the order of the page. */
export function messageCharts(run: NativeResult, messages: MessageFigures): readonly Chart[] {
  const seconds = messages.seconds.map((row) => ({ ...row, at: row.second }));
  const charts = [
    matrix(messages, {
      name: "message-p50",
      title: "Median latency from peer to peer, ms",
      of: ({ p50 }) => p50 && { value: p50.ms, text: formatQuantile(p50) },
    }),
    matrix(messages, {
      name: "message-p99",
      title: "99th percentile of latency from peer to peer, ms",
      of: ({ p99 }) => p99 && { value: p99.ms, text: formatQuantile(p99) },
    }),
    overTime(run, seconds, {
      name: "message-latency",
      title: "Latency of messages over time",
      y: { label: "latency of messages due in the second, ms", scale: "log" },
      lines: { p50: ({ p50 }) => p50?.ms, p99: ({ p99 }) => p99?.ms },
    }),
    overTime(run, seconds, {
      name: "availability",
      title: "Availability",
      y: { label: "successful attempts, %" },
      lines: {
        writes: ({ writeRatio }) => percent(writeRatio),
        reads: ({ readRatio }) => percent(readRatio),
        "fresh data": ({ freshRatio }) => percent(freshRatio),
      },
    }),
    resyncs(run, messages),
    overTime(run, seconds, {
      name: "traffic",
      title: "Sent by all peers",
      y: { label: "Mbit/s" },
      lines: { sent: ({ sentMbps }) => sentMbps },
    }),
    matrix(messages, {
      name: "link-use",
      title: "Use of emulated links, % of their rate",
      of: ({ utilizationRatio }) =>
        utilizationRatio === undefined
          ? undefined
          : { value: utilizationRatio, text: formatPercent(utilizationRatio) },
    }),
    uses(run, messages),
  ];
  return charts.filter((chart) => chart !== undefined);
}

const percent = (ratio: number | undefined) => (ratio === undefined ? undefined : ratio * 100);

interface Matrix {
  readonly name: string;
  readonly title: string;
  readonly of: (pair: MessageFigures["pairs"][number]) => Pick<HeatCell, "value" | "text"> | undefined;
}

function matrix({ pairs, peers }: MessageFigures, { of, ...chart }: Matrix): HeatChart | undefined {
  const names = peers.slice(0, mostPeers).map(({ name }) => name);
  const places = new Map(names.map((name, place) => [name, place]));
  const cells = pairs.flatMap((pair) => {
    const [x, y, cell] = [places.get(pair.to), places.get(pair.from), of(pair)];
    return x === undefined || y === undefined || cell === undefined ? [] : [{ x, y, ...cell }];
  });
  if (cells.length === 0) return undefined;
  const shown = names.map(formatForeign);
  return {
    kind: "heat",
    ...chart,
    x: { label: "read by", names: shown },
    y: { label: "written by", names: shown },
    cells,
    notes: peers.length > mostPeers ? [`The first ${mostPeers} of ${peers.length} peers.`] : [],
  };
}

/** Of the links with the most use. */
function uses(run: NativeResult, { pairs, seconds }: MessageFigures): LineChart | undefined {
  const used = byUse(pairs);
  if (used.length === 0) return undefined;
  const series = used.slice(0, mostColours).map(({ from, to, uses: own }, colour): Series => {
    const of = new Map(own.map(({ second, utilizationRatio }) => [second, utilizationRatio]));
    const points = seconds.map(({ second }): Point => ({ x: second, y: percent(of.get(second)) }));
    return { name: `${formatForeign(from)} → ${formatForeign(to)}`, colour, points: thin(points) };
  });
  return {
    kind: "lines",
    name: "link-use-time",
    title: "Use of emulated links over time",
    x: windowTime,
    y: { label: "% of the rate" },
    series,
    bands: bandsOf(run),
    notes:
      used.length > mostColours ? [`The ${mostColours} links with the most use, of ${used.length}.`] : [],
  };
}

function resyncs(run: NativeResult, { resyncs: all, peers }: MessageFigures): LineChart | undefined {
  const points = all.map(({ node, toSecs, resyncMs, resyncMsAtLeast }) => ({
    node,
    x: toSecs,
    y: resyncMs ?? resyncMsAtLeast,
  }));
  if (points.length === 0) return undefined;
  const colours = new Map(peers.map(({ name }, place) => [name, place % mostColours]));
  const series = [...Map.groupBy(points, ({ node }) => node)].map(
    ([node, own]): Series => ({
      name: formatForeign(node),
      colour: colours.get(node) ?? 0,
      points: own.map(({ x, y }) => ({ x, y })),
      style: "dots",
    }),
  );
  const lacking = all.filter(({ resyncMs }) => resyncMs === undefined).length;
  const slowest = Math.max(...points.map(({ y = 0 }) => y));
  return {
    kind: "lines",
    name: "resync",
    title: "Resynchronization after each disturbance",
    x: { label: "end of the disturbance, seconds of the window", fromLeast: true },
    y: { label: "until the peer had all messages, ms" },
    series,
    bands: bandsOf(run),
    notes: [
      `Slowest: ${formatFigure(slowest)} ms.`,
      ...(lacking === 0 ? [] : [`${lacking} had not ended at the end of the observation.`]),
    ],
  };
}
