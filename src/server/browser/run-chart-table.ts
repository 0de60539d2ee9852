/** What the charts of a run show. */
import { formatBytes, formatFigure } from "../../results/report/text/figures.ts";
import type { RunState, SweepState } from "../feed/run-state.ts";
import { type ChartData, costSeries, linkSeries, mostLines } from "../feed/series.ts";
import type { ChartOptions } from "./charts.ts";

type Value = number | null | undefined;

export interface RunChart extends Omit<ChartOptions, "group" | "onPick"> {
  readonly name: string;
  /** Of whose runs alone: clients that send transactions, or peers that run routines. */
  readonly of?: Exclude<LoadKind, "flows">;
  /** Of runs alone that tell of it. */
  readonly needs?: "ground" | "views";
  readonly isHidden?: true;
  readonly read: (run: RunState) => ChartData;
}

/** Of a row that is shorter than a second, as a rate. */
function rateOf(run: RunState, second: number, value: number | undefined): number | undefined {
  const whole = Math.floor(second) + 1;
  const end = run.windowSecs ?? whole;
  const secs = (second < end && end < whole ? end : whole) - second;
  return value === undefined ? undefined : value / secs;
}

const ofSeconds = (
  run: RunState,
  lines: Readonly<Record<string, (row: RunState["seconds"][number]) => Value>>,
): ChartData => ({
  seconds: run.seconds.map(({ second }) => second),
  series: Object.entries(lines).map(([label, read]) => ({ label, values: run.seconds.map(read) })),
});

const ofSteps = (
  run: RunState,
  lines: Readonly<Record<string, (step: RunState["routineSteps"][number]) => Value>>,
): ChartData => ({
  seconds: run.routineSteps.map(({ second }) => second),
  series: Object.entries(lines).map(([label, read]) => ({ label, values: run.routineSteps.map(read) })),
});

/** A row that is over does not change any more. */
const sortedRows = new WeakMap<object, readonly number[]>();

function sortedOf(row: RunState["nodeSeconds"][number], key: "cpuRatios" | "memoryBytes"): readonly number[] {
  const known = sortedRows.get(row[key]);
  if (known !== undefined && known.length === row[key].length) return known;
  const sorted = row[key].filter((value) => value !== null).sort((a, b) => a - b);
  sortedRows.set(row[key], sorted);
  return sorted;
}

function ofNodes({ nodes, nodeSeconds }: RunState, key: "cpuRatios" | "memoryBytes"): ChartData {
  const seconds = nodeSeconds.map(({ second }) => second);
  if (nodes.length <= mostLines) {
    const series = nodes.map(({ node: label }, at) => ({
      label,
      values: nodeSeconds.map((row) => row[key][at]),
    }));
    return { seconds, series };
  }
  const sorted = nodeSeconds.map((row) => sortedOf(row, key));
  const at = (label: string, ratio: number) => ({
    label,
    values: sorted.map((values) => values[Math.round((values.length - 1) * ratio)]),
  });
  return { seconds, series: [at("least", 0), at("median", 0.5), at("most", 1)] };
}

/** Machines tell of their seconds one by one: those of all of them are brought together. */
function ofMachines({ machines }: RunState): ChartData {
  const seconds = [...new Set(machines.flatMap((one) => one.seconds.map(({ second }) => second)))].sort(
    (a, b) => a - b,
  );
  const lines = machines.slice(0, mostLines).flatMap(({ name, seconds: rows }) => {
    const bySecond = new Map(rows.map((row) => [row.second, row]));
    const line = (label: string, key: "busyRatio" | "backgroundRatio") => ({
      label: `${name} ${label}`,
      values: seconds.map((second) => percentOf(bySecond.get(second)?.[key])),
    });
    return [line("all", "busyRatio"), line("other programs", "backgroundRatio")];
  });
  return { seconds, series: lines };
}

const percentOf = (ratio: number | undefined) => (ratio === undefined ? null : Math.max(0, ratio * 100));
const figure = (value: number) => formatFigure(value).replace(/\.0+$/, "");
const whole = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 1 });

export const runCharts: readonly RunChart[] = [
  {
    name: "throughput",
    of: "transactions",
    title: "Throughput",
    unit: "tx/s",
    format: whole,
    read: (run) =>
      ofSeconds(run, {
        offered: (row) => rateOf(run, row.second, row.due),
        committed: (row) => rateOf(run, row.second, row.committed),
      }),
  },
  {
    name: "latency",
    of: "transactions",
    title: "Latency",
    unit: "ms",
    format: figure,
    read: (run) => ofSeconds(run, { p50: ({ p50Ms }) => p50Ms, p99: ({ p99Ms }) => p99Ms }),
  },
  {
    name: "failed",
    of: "transactions",
    title: "Failed",
    unit: "transactions",
    format: whole,
    read: (run) => ofSeconds(run, { failed: ({ failed }) => failed }),
  },
  {
    name: "lateness",
    of: "transactions",
    title: "Lateness of sends, p99",
    unit: "ms",
    format: figure,
    read: (run) => ofSeconds(run, { lateness: ({ latenessP99Ms }) => latenessP99Ms }),
  },
  {
    name: "packets",
    of: "routines",
    title: "Packets of all peers",
    unit: "per second",
    format: whole,
    read: (run) =>
      ofSteps(run, {
        sent: ({ sentPerSec }) => sentPerSec,
        received: ({ receivedPerSec }) => receivedPerSec,
        relayed: ({ relayedPerSec }) => relayedPerSec,
      }),
  },
  {
    name: "delivered",
    of: "routines",
    title: "Messages delivered",
    unit: "per second",
    format: whole,
    read: (run) => ofSteps(run, { delivered: ({ deliveredPerSec }) => deliveredPerSec }),
  },
  {
    name: "ticks",
    of: "routines",
    title: "Tick rate of peers",
    unit: "per second",
    format: whole,
    read: (run) =>
      ofSteps(run, {
        mean: ({ tickRateMeanPerSec }) => tickRateMeanPerSec,
        least: ({ tickRateLeastPerSec }) => tickRateLeastPerSec,
      }),
  },
  {
    name: "peers",
    of: "routines",
    title: "Peers",
    unit: "",
    format: whole,
    read: (run) =>
      ofSteps(run, {
        "that report": ({ peers }) => peers,
        "connections of each, mean": ({ connections }) => connections,
      }),
  },
  {
    name: "timers",
    of: "routines",
    title: "Latest timer of peers",
    unit: "ms",
    format: figure,
    read: (run) => ofSteps(run, { lateness: ({ timerLatenessMaxMs }) => timerLatenessMaxMs }),
  },
  {
    name: "link-delay",
    isStepped: true,
    needs: "ground",
    title: "Delay of emulated links",
    unit: "ms",
    format: figure,
    read: (run) => linkSeries(run, ([, , delayMs]) => delayMs),
  },
  {
    name: "link-loss",
    isStepped: true,
    needs: "ground",
    title: "Loss of emulated links",
    unit: "%",
    format: whole,
    read: (run) => linkSeries(run, ([, , , lossRatio, , isDown]) => (isDown ? 100 : lossRatio * 100)),
  },
  {
    name: "link-cost",
    isStepped: true,
    needs: "views",
    title: "Cost of links, as the network sees them",
    unit: "",
    format: whole,
    read: costSeries,
  },
  {
    name: "cpu",
    title: "CPU of nodes",
    unit: "cores",
    format: figure,
    read: (run) => ofNodes(run, "cpuRatios"),
  },
  {
    name: "memory",
    title: "Memory of nodes",
    unit: "",
    format: (value) => formatBytes(value).replace(/\.\d+/, ""),
    isBytes: true,
    read: (run) => ofNodes(run, "memoryBytes"),
  },
  { name: "machines", title: "CPU of machines", unit: "%", format: whole, read: ofMachines },
  {
    name: "generator",
    of: "transactions",
    title: "CPU of the load generator",
    unit: "cores",
    format: figure,
    isHidden: true,
    read: (run) => ofSeconds(run, { "busiest client": ({ cpuRatio }) => cpuRatio }),
  },
];

/** What the runs of a sweep are told of by. */
export type LoadKind = "transactions" | "routines" | "flows";
export const loadKind = ({ sweep }: Pick<SweepState, "sweep">): LoadKind =>
  sweep?.load === "routines" || sweep?.load === "flows" ? sweep.load : "transactions";
