/** The charts of a run, and which of them are shown. */
import { formatBytes, formatFigure } from "../../results/report/text/figures.ts";
import type { RunState } from "../feed/run-state.ts";
import { Chart, type ChartData, type ChartOptions, type Mark } from "./charts.ts";
import { element, show } from "./dom.ts";

/** More nodes than that are shown as the least, the middle and the most of them. */
const mostLines = 8;

type Value = number | null | undefined;

interface RunChart extends Omit<ChartOptions, "group"> {
  readonly name: string;
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

const runCharts: readonly RunChart[] = [
  {
    name: "throughput",
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
    title: "Latency",
    unit: "ms",
    format: figure,
    read: (run) => ofSeconds(run, { p50: ({ p50Ms }) => p50Ms, p99: ({ p99Ms }) => p99Ms }),
  },
  {
    name: "failed",
    title: "Failed",
    unit: "transactions",
    format: whole,
    read: (run) => ofSeconds(run, { failed: ({ failed }) => failed }),
  },
  {
    name: "lateness",
    title: "Lateness of sends, p99",
    unit: "ms",
    format: figure,
    read: (run) => ofSeconds(run, { lateness: ({ latenessP99Ms }) => latenessP99Ms }),
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
    title: "CPU of the load generator",
    unit: "cores",
    format: figure,
    isHidden: true,
    read: (run) => ofSeconds(run, { "busiest client": ({ cpuRatio }) => cpuRatio }),
  },
];

/** What was done to nodes and links on purpose. */
function marksOf({ faults, linkChanges }: RunState): Mark[] {
  return [
    ...faults
      .filter(({ stage }) => stage === "issued")
      .map(({ node, action, issuedSecs, askedSecs }) => ({
        second: issuedSecs ?? askedSecs,
        label: `${action} ${node}`,
      })),
    ...linkChanges
      .filter(({ state }) => state === "effective")
      .map(({ action, what, stage, effectiveSecs, askedSecs }) => ({
        second: effectiveSecs ?? askedSecs,
        label: `${action} of ${what}, ${stage}`,
      })),
  ];
}

const storageKey = "baleen-hidden-charts";

function readHidden(): Set<string> {
  const stored = localStorage.getItem(storageKey);
  const usual = runCharts.filter(({ isHidden }) => isHidden === true).map(({ name }) => name);
  return new Set(stored === null ? usual : stored.split(","));
}

/** All charts of a run, with a button for each that shows or hides it. */
export class RunCharts {
  readonly buttons: HTMLElement;
  readonly place = element("div", { class: "charts" });
  readonly #charts = new Map<string, Chart>();
  readonly #hidden = readHidden();
  #run: RunState | undefined;

  constructor() {
    const buttons = runCharts.map(({ name, title }) => {
      const button = element(
        "button",
        { type: "button", "aria-pressed": String(!this.#hidden.has(name)) },
        title,
      );
      button.addEventListener("click", () => {
        if (!this.#hidden.delete(name)) this.#hidden.add(name);
        button.setAttribute("aria-pressed", String(!this.#hidden.has(name)));
        localStorage.setItem(storageKey, [...this.#hidden].join(","));
        this.#arrange();
      });
      return button;
    });
    this.buttons = element("div", { class: "bar", role: "group", "aria-label": "Charts" }, ...buttons);
    this.#arrange();
  }

  show(run: RunState): void {
    this.#run = run;
    const marks = marksOf(run);
    for (const { name, read } of this.#shown())
      this.#chartOf(name).show(() => read(run), marks, run.windowSecs);
  }

  #shown(): readonly RunChart[] {
    return runCharts.filter(({ name }) => !this.#hidden.has(name));
  }

  #arrange(): void {
    show(this.place, ...this.#shown().map(({ name }) => this.#chartOf(name).card));
    if (this.#run !== undefined) this.show(this.#run);
  }

  #chartOf(name: string): Chart {
    const known = this.#charts.get(name);
    const described = runCharts.find((one) => one.name === name);
    if (known !== undefined || described === undefined) return known as Chart;
    const chart = new Chart({ ...described, group: "run" });
    this.#charts.set(name, chart);
    return chart;
  }
}
