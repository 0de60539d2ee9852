/** Charts of two sweeps beside each other. */
import type { SideRuns } from "../../../contracts/results/comparison.ts";
import type { LineChart, Series } from "../chart.ts";
import { byLoad, loadAxis, notesOf } from "./sweep-charts.ts";

/** Both sides of a comparison. */
export interface ComparedRuns {
  readonly a: SideRuns;
  readonly b: SideRuns;
}

const dashed = (series: readonly Series[]) =>
  series.map((one): Series => (one.style === undefined ? { ...one, style: "dashed" } : one));

/** Latency and throughput by load; the lines of B are dashed. */
export function comparisonCharts({ a, b }: ComparedRuns): readonly LineChart[] {
  const runs = [...a.runs, ...b.runs];
  if (a.runs.length === 0 || b.runs.length === 0) return [];
  const x = loadAxis(runs);
  const common = { kind: "lines", x, notes: notesOf(runs) } as const;
  const both = (metric: Parameters<typeof byLoad>[1], name: string, colour: number) => [
    ...byLoad(a.runs, metric, { name: `A ${name}`, colour }),
    ...dashed(byLoad(b.runs, metric, { name: `B ${name}`, colour: colour + 1 })),
  ];
  return [
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
      y: { label: "throughput, tx/s", scale: x.scale },
      series: both("throughput", "throughput", 0),
    },
  ];
}
