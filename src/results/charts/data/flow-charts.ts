/** Charts of flows through a network under test: how they fared when, and what the network made of its links. */
import type {
  FlowFigures,
  FlowResult,
  FlowSecond,
  PerceivedLink,
  PerceivedSecond,
} from "../../../contracts/results/native/flows.ts";
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatAsked } from "../../report/text/figures.ts";
import type { Axis, Band, Chart, LineChart, Series } from "../chart.ts";
import { bandsOf } from "./bands.ts";
import { windowTime } from "./over-time.ts";
import { thin } from "./thin.ts";

/** What is drawn at most; the run's file has all. */
const most = { flows: 8, interruptions: 12, paths: 12, links: 4 };

/** In the order of the page. */
export function flowCharts(run: NativeResult, flows: FlowFigures): readonly Chart[] {
  const bands = [...bandsOf(run), ...flowBands(flows, run.parameters.durationSecs)];
  const shown = flows.flows.slice(0, most.flows);
  const notes =
    shown.length < flows.flows.length ? [`The first ${shown.length} of ${flows.flows.length} flows.`] : [];
  const chart = (chart: Omit<FlowLines, "flows" | "bands" | "notes">) =>
    linesOf({ ...chart, flows: shown, bands, notes });
  const charts = [
    chart({
      name: "flow-latency",
      title: "Latency of packets over time",
      y: { label: "latency of packets sent in the second, ms", scale: "log" },
      lines: { p50: ({ p50Ms }) => p50Ms, p99: ({ p99Ms }) => p99Ms },
    }),
    chart({
      name: "flow-goodput",
      title: "Goodput of flows",
      y: { label: "Mbit/s" },
      lines: { "": ({ goodputMbps }) => goodputMbps },
    }),
    chart({
      name: "flow-loss",
      title: "Lost packets",
      y: { label: "% of packets sent in the second" },
      lines: {
        "": ({ sent, lost }) => (sent === 0 ? undefined : (100 * lost) / sent),
        "direct link": ({ directLossRatio }) => directLossRatio && directLossRatio * 100,
      },
    }),
    ...flows.links.filter(isPerceived).slice(0, most.links).map(linkChart(run)),
  ];
  return charts.filter((one) => one !== undefined);
}

/** Interruptions, the longest ones, and paths that were not there from the beginning. */
export function flowBands({ flows }: Pick<FlowFigures, "flows">, endSecs: number): Band[] {
  const interruptions = flows
    .flatMap(({ name, interruptions: own }) => own.map((one) => ({ name, ...one })))
    .sort((a, b) => b.lengthMs - a.lengthMs)
    .slice(0, most.interruptions)
    .map(({ name, fromSecs, toSecs = endSecs }): Band => {
      return { name: `${formatForeign(name)} interrupted`, kind: "fault", from: fromSecs, to: toSecs };
    });
  const paths = flows
    .flatMap(({ paths: own }) =>
      own.slice(1).map(({ nodes, state, fromSecs }, place): Band => {
        const path = formatForeign(nodes.join("-"));
        const to = own[place + 2]?.fromSecs ?? endSecs;
        return {
          name: state === "complete" ? path : `${path} (${state})`,
          kind: "phase",
          from: fromSecs,
          to,
        };
      }),
    )
    .slice(0, most.paths);
  return [...interruptions, ...paths];
}

interface FlowLines extends Pick<LineChart, "name" | "title" | "notes"> {
  readonly y: Axis;
  readonly flows: readonly FlowResult[];
  readonly bands: readonly Band[];
  /** By what follows the flow's name; the lines behind the first are dashed. */
  readonly lines: Readonly<Record<string, (second: FlowSecond) => number | undefined>>;
}

function linesOf({ lines, flows, ...chart }: FlowLines): LineChart | undefined {
  const series = flows.flatMap(({ name, seconds }, colour) =>
    Object.entries(lines).flatMap(([what, of], line): Series[] => {
      const points = seconds.map((second) => ({ x: second.second, y: of(second) }));
      if (!points.some(({ y }) => y !== undefined)) return [];
      const style = line === 0 ? "line" : "dashed";
      return [{ name: [formatForeign(name), what].join(" ").trim(), colour, style, points: thin(points) }];
    }),
  );
  return series.length === 0 ? undefined : { kind: "lines", ...chart, x: windowTime, series };
}

const isPerceived = ({ seconds }: PerceivedLink) => seconds.some(({ cost }) => cost !== undefined);

/** Of both, percent: costs have no unit, and are held against the largest. */
const linkChart =
  (run: NativeResult) =>
  ({ from, to, seconds, lagMs }: PerceivedLink): LineChart => {
    const largest = seconds.reduce((largestCost, { cost = 0 }) => Math.max(largestCost, cost), 0);
    const line = (of: (second: PerceivedSecond) => number | undefined) =>
      thin(everySecond(seconds, run.parameters.durationSecs).map(({ x, found }) => ({ x, y: of(found) })));
    const [a, b] = [formatForeign(from), formatForeign(to)];
    return {
      kind: "lines",
      name: `link-${a}-${b}`,
      title: `Link from ${a} to ${b}, perceived and emulated`,
      x: windowTime,
      y: { label: "%" },
      series: [
        {
          name: "perceived cost",
          colour: 0,
          points: line(({ cost }) => cost && (100 * cost) / largest),
        },
        {
          name: "emulated loss",
          colour: 1,
          style: "dashed",
          points: line(({ lossRatio }) => lossRatio * 100),
        },
      ],
      bands: bandsOf(run),
      notes: [
        `Cost: percent of its largest, ${formatAsked(largest)}; a gap: unusable to the network.`,
        ...(lagMs === undefined ? [] : [`Detected ${formatAsked(lagMs)} ms after the crossing.`]),
      ],
    };
  };

/** Seconds like the one before are not in the list. */
function everySecond(seconds: readonly PerceivedSecond[], lengthSecs: number) {
  let place = -1;
  return Array.from({ length: Math.ceil(lengthSecs) }, (_, x) => {
    if (seconds[place + 1]?.second === x) place++;
    return { x, found: seconds[place] as PerceivedSecond };
  }).filter(({ found }) => found !== undefined);
}
