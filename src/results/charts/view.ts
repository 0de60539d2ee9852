/** A sweep as the files of its bundle show it: what charts and the page are made of. */
import type { HostSecond } from "../../contracts/hosts/host-load.ts";
import type { LinkProbes } from "../../contracts/results/links/link-certificate.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import type { MeasuredSummary } from "../schema/summary.ts";
import type { Point } from "./chart.ts";

export interface SweepView {
  /** Name of its folder. */
  readonly name: string;
  /** Of published runs. */
  readonly summary: MeasuredSummary;
  /** As parameters.json has them. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** As environment.json has it; undefined where there is none. */
  readonly environment: unknown;
  /** In order; each of the summary's. */
  readonly runs: readonly RunView[];
  /** Files that could not be read, and what was shortened. */
  readonly notes: readonly string[];
}

export interface RunView {
  readonly run: MeasuredRun;
  /** It is shown with the files below; of large sweeps, not every run is. */
  readonly isDetailed: boolean;
  readonly seconds: readonly SecondView[];
  readonly hosts: readonly HostSecond[];
  /** The headline latency's percentile curve; empty where it was not read. */
  readonly curve: readonly Point[];
  /** What nodes showed of themselves. */
  readonly nodes: readonly NodeSample[];
  readonly links?: LinkProbes | undefined;
  /** Entries of the run's own timeline; undefined: nobody changed the sweep's by hand. */
  readonly timeline?: readonly unknown[] | undefined;
}

/** Counts are of this second. */
export interface SecondView {
  /** From the start of the window. */
  readonly second: number;
  /** Due; of loads that the nodes make, submitted. */
  readonly offered?: number | undefined;
  readonly committed?: number | undefined;
  readonly p50Ms?: number | undefined;
  readonly p99Ms?: number | undefined;
}

/** What of a node is shown, by its metrics' names: the first of them that it has. */
export const nodeMetrics = {
  cpuSecs: ["process_cpu_seconds_total"],
  memoryBytes: ["process_resident_memory_bytes"],
  diskBytes: ["mysticeti_log_bytes"],
  sentBytes: ["mysticeti_peer_sent_bytes_total", "cometbft_p2p_message_send_bytes_total"],
} as const;

export type NodeMetric = keyof typeof nodeMetrics;

export interface NodeSample {
  readonly node: string;
  readonly metric: NodeMetric;
  /** From the start of the window. */
  readonly second: number;
  /** Of several series of one name, their sum. */
  readonly value: number;
}

/** Runs that are shown with all their files; of the others, the tables have a line. */
export const mostDetailed = 20;

/** Curves of a load, and in all. */
export const mostCurves = { load: 5, all: 40 } as const;

/** Those that are not valid come first, then the first of each load. */
export function chooseDetailed(runs: readonly MeasuredRun[], most = mostDetailed): ReadonlySet<MeasuredRun> {
  const rank = ({ verdict, repetition }: MeasuredRun) => (verdict.status === "valid" ? repetition : 0);
  return new Set([...runs].sort((a, b) => rank(a) - rank(b)).slice(0, most));
}

/** The first ones of each load. */
export function chooseCurves(runs: readonly MeasuredRun[]): ReadonlySet<MeasuredRun> {
  return new Set(
    runs
      .filter(({ repetition }) => repetition <= mostCurves.load)
      .sort((a, b) => a.repetition - b.repetition)
      .slice(0, mostCurves.all),
  );
}

/** The run that the page shows at length: the first one of the highest load. */
export function chooseShown(views: readonly RunView[]): RunView | undefined {
  return views
    .filter(({ isDetailed }) => isDetailed)
    .sort(
      (a, b) =>
        b.run.parameters.loadTps - a.run.parameters.loadTps || a.run.benchmarkNumber - b.run.benchmarkNumber,
    )[0];
}
