/** Charts of routines in browsers: packets, latency, busyness and connections over time, and what each peer and kind of packet came to. */
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import type { RoutineFigures } from "../../../contracts/results/native/routines.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import type { meanInterval } from "../../../metrics/stats/confidence.ts";
import type { Chart, LineChart, Point, Series } from "../chart.ts";
import { overTime } from "./over-time.ts";
import { thin } from "./thin.ts";

/** Calls of a routine per second, unless the page is too busy. */
const usualTicksPerSec = 60;
/** Peers whose names an axis has room for. */
const mostNames = 12;

export const peerIntervalNote = "Bars: 95 % confidence intervals of the mean over the peers.";

/** A mean of rates with its interval, of which the part below 0 means nothing. */
export const ratePoint = (x: number, { mean, low, high }: ReturnType<typeof meanInterval>): Point => ({
  ...{ x, y: mean, high },
  low: low === undefined ? undefined : Math.max(0, low),
});

/** In the order of the page. */
export function routineCharts(run: NativeResult, routines: RoutineFigures): readonly Chart[] {
  const steps = routines.steps.map((step) => ({ ...step, at: (step.fromSecs + step.toSecs) / 2 }));
  const ticks = overTime(run, steps, {
    name: "ticks",
    title: "Calls of the routine over time",
    y: { label: "ticks per second" },
    lines: { mean: (step) => step.tickRateMeanPerSec, slowest: (step) => step.tickRateLeastPerSec },
    withoutZeros: true,
  });
  const charts = [
    overTime(run, steps, {
      name: "packets",
      title: "Packets over time",
      y: { label: "packets per second, all peers" },
      lines: {
        sent: ({ sentPerSec }) => sentPerSec,
        received: ({ receivedPerSec }) => receivedPerSec,
        relayed: ({ relayedPerSec }) => relayedPerSec,
        duplicate: ({ duplicatePerSec }) => duplicatePerSec,
        expired: ({ expiredPerSec }) => expiredPerSec,
      },
      withoutZeros: true,
    }),
    overTime(run, steps, {
      name: "packet-bytes",
      title: "Bytes of packets over time",
      y: { label: "bytes per second, all peers", unit: "bytes" },
      lines: {
        "sent, passed on": ({ sentBytesPerSec }) => sentBytesPerSec,
        received: ({ receivedBytesPerSec }) => receivedBytesPerSec,
      },
      withoutZeros: true,
    }),
    families(routines),
    overTime(run, steps, {
      name: "delivery-time",
      title: "Latency of messages over time",
      y: { label: "mean latency of the step, ms", scale: "log" },
      lines: { mean: ({ deliveryMeanMs }) => deliveryMeanMs },
    }),
    overTime(run, steps, {
      name: "round-trip",
      title: "WebRTC’s round trip over time",
      y: { label: "mean of the peers, ms" },
      lines: { mean: ({ roundTripMs }) => roundTripMs },
    }),
    overTime(run, steps, {
      name: "connections",
      title: "Connections over time",
      y: { label: "connections of a peer, mean" },
      lines: { mean: ({ connections }) => connections },
    }),
    ticks && { ...ticks, series: [...ticks.series, usualTicks(steps.map(({ at }) => at))] },
    overTime(run, steps, {
      name: "timer-lateness",
      title: "Latest timer over time",
      y: { label: "late by, ms" },
      lines: { latest: ({ timerLatenessMaxMs }) => timerLatenessMaxMs },
      withoutZeros: true,
    }),
    ticksByPeer(routines),
  ];
  return charts.filter((chart) => chart !== undefined);
}

const usualTicks = (xs: readonly number[]): Series => ({
  name: "not busy",
  colour: 5,
  style: "dashed",
  points: thin(xs.map((x) => ({ x, y: usualTicksPerSec }))),
});

/** Packets of a peer, by kind. */
function families({ families: all }: RoutineFigures): LineChart | undefined {
  if (all.every(({ packets }) => packets === 0)) return undefined;
  return {
    kind: "lines",
    name: "packet-families",
    title: "Packets of a peer by kind",
    x: { label: "kind of packets", names: all.map(({ family }) => family) },
    y: { label: "packets per second of a peer" },
    series: [
      {
        name: "",
        colour: 0,
        style: "marks",
        points: all.map(({ packetsPerSec: mean, low, high }, x) => ratePoint(x, { mean, low, high })),
      },
    ],
    notes: all.some(({ low }) => low !== undefined) ? [peerIntervalNote] : [],
  };
}

/** Of one peer alone, the course over time says it. */
function ticksByPeer({ peers }: RoutineFigures): LineChart | undefined {
  const known = peers
    .flatMap(({ name, busyness }) => (busyness === undefined ? [] : [{ name, ...busyness }]))
    .sort((a, b) => a.tickRatePerSec - b.tickRatePerSec);
  if (known.length < 2) return undefined;
  const hasNames = known.length <= mostNames;
  const xs = known.map((_, place) => place + (hasNames ? 0 : 1));
  return {
    kind: "lines",
    name: "peer-ticks",
    title: "Calls of each peer’s routine",
    x: hasNames
      ? { label: "peer", names: known.map(({ name }) => formatForeign(name)) }
      : { label: "peer, the slowest first", fromLeast: true },
    y: { label: "ticks per second" },
    series: [
      {
        name: "",
        colour: 0,
        style: "marks",
        points: known.map(({ tickRatePerSec }, at) => ({ x: xs[at] ?? 0, y: tickRatePerSec })),
      },
      usualTicks(xs),
    ],
    notes: [],
  };
}
