/** Charts of two sweeps beside each other. */

import { families } from "../../../contracts/peer-tests/packets.ts";
import type { SideRuns } from "../../../contracts/results/comparison.ts";
import { packetsPerSec } from "../../../contracts/results/native/compared-routines.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { meanInterval } from "../../../metrics/stats/confidence.ts";
import { compareFlows } from "../../analysis/comparison/compare-flows.ts";
import { peerValues, routinePairs } from "../../analysis/comparison/compare-routines.ts";
import { bandText } from "../../report/documents/flows.ts";
import { nameLoad, throughputUnitOf } from "../../report/text/load.ts";
import type { LineChart, Series } from "../chart.ts";
import { peerIntervalNote, ratePoint } from "./routine-charts.ts";
import { byLoad, loadAxis, notesOf } from "./sweep-charts.ts";

/** Both sides of a comparison. */
export interface ComparedRuns {
  readonly a: SideRuns;
  readonly b: SideRuns;
}

const dashed = (series: readonly Series[]) =>
  series.map((one): Series => (one.style === undefined ? { ...one, style: "dashed" } : one));

/** All of them, by their names. */
export const comparisonCharts = (sides: ComparedRuns): readonly LineChart[] => [
  ...loadCharts(sides),
  ...comparedPacketCharts(sides),
  ...keptCharts(sides),
];

/** Latency and throughput by load; the lines of B are dashed. */
export function loadCharts({ a, b }: ComparedRuns): readonly LineChart[] {
  const runs = [...a.runs, ...b.runs];
  if (a.runs.length === 0 || b.runs.length === 0) return [];
  const x = loadAxis(runs);
  const common = { kind: "lines", x, notes: notesOf(runs) } as const;
  const both = (metric: Parameters<typeof byLoad>[1], name: string, colour: number) => [
    ...byLoad(a.runs, metric, { name: `A ${name}`, colour }),
    ...dashed(byLoad(b.runs, metric, { name: `B ${name}`, colour: colour + 1 })),
  ];
  const charts: readonly LineChart[] = [
    {
      ...common,
      name: "compare-p50",
      title: "Median latency against load",
      y: { label: "p50 latency, ms", scale: "log" },
      series: both("p50Latency", "p50", 0),
    },
    {
      ...common,
      name: "compare-p99",
      title: "99th percentile of latency against load",
      y: { label: "p99 latency, ms", scale: "log" },
      series: both("p99Latency", "p99", 0),
    },
    {
      ...common,
      name: "compare-throughput",
      title: "Throughput against offered load",
      y: { label: `throughput, ${throughputUnitOf(runs)}`, scale: x.scale },
      series: both("throughput", "throughput", 0),
    },
  ];
  return charts.filter(({ series }) => series.some(({ points }) => points.length > 0));
}

/** Where the marks of a side stand beside the place of their kind. */
const aside = { a: -0.13, b: 0.13 };

/** Goodput that flows of both sides kept, by the loss of the direct links; a chart for each load. */
export function keptCharts({ a, b }: ComparedRuns): readonly LineChart[] {
  const compared = compareFlows(a.runs, b.runs).filter(({ kept }) => kept.length > 0);
  return compared.map((one): LineChart => {
    const series = (["a", "b"] as const).map(
      (side, colour): Series => ({
        name: `${side.toUpperCase()} ${formatForeign(one[side].network)}`,
        colour,
        style: "marks",
        points: one.kept.flatMap((band, place) => {
          const { keptRatio, confidence } = band[side] ?? {};
          if (keptRatio === undefined) return [];
          const ends = confidence && { low: confidence.low * 100, high: confidence.high * 100 };
          return [{ x: place + aside[side], y: keptRatio * 100, ...ends }];
        }),
      }),
    );
    return {
      kind: "lines",
      name: compared.length === 1 ? "compare-kept" : `compare-kept-${one.loadTps}`,
      title: "Goodput kept, by loss of the direct link",
      x: { label: "loss of the link between sender and receiver", names: one.kept.map(bandText) },
      y: { label: "% of the undisturbed goodput" },
      series,
      notes: ["Intervals: 95 %, over runs, from four runs a side."],
    };
  });
}

/** Packets of a peer of both sides by kind, a chart for each load. */
export function comparedPacketCharts({ a, b }: ComparedRuns): readonly LineChart[] {
  const pairs = routinePairs(a.runs, b.runs);
  return pairs.map((pair): LineChart => {
    const series = (["a", "b"] as const).map(
      (side, colour): Series => ({
        name: side.toUpperCase(),
        colour,
        style: "marks",
        points: families.flatMap((family, place) => {
          const values = peerValues(pair[side], packetsPerSec(family)).map(({ value }) => value);
          if (values.length === 0) return [];
          return [ratePoint(place + aside[side], meanInterval(values))];
        }),
      }),
    );
    const load = nameLoad(pair.a[0]?.parameters.loadTps ?? 0, pair.a);
    return {
      kind: "lines",
      name: pairs.length === 1 ? "compare-packets" : `compare-packets-${pair.a[0]?.parameters.loadTps}`,
      title: `Packets of a peer by kind${pairs.length === 1 ? "" : ` at ${load}`}`,
      x: { label: "kind of packets", names: families },
      y: { label: "packets per second of a peer" },
      series,
      notes: [peerIntervalNote],
    };
  });
}
