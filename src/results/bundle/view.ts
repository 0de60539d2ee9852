/** Reads what charts and the page show of a sweep; what cannot be read is left out, and said. */
import { basename, join } from "node:path";
import type { HostSecond } from "../../contracts/hosts/host-load.ts";
import { type LinkProbes, linkProbesForm } from "../../contracts/results/links/link-certificate.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import { readForm } from "../../core/documents/check-form.ts";
import { describeError, systemCode } from "../../core/errors.ts";
import { parsePrometheus } from "../../metrics/nodes/prometheus.ts";
import { parseHistogramLog } from "../../metrics/stats/parse-hlog.ts";
import { isDriven } from "../../metrics/stats/run-metrics.ts";
import type { Point } from "../charts/chart.ts";
import { percentileCurve } from "../charts/data/curve.ts";
import {
  chooseCurves,
  chooseDetailed,
  mostDetailed,
  type NodeMetric,
  type NodeSample,
  nodeMetrics,
  type RunView,
  type SecondView,
  type SweepView,
} from "../charts/view.ts";
import { hostLoadTable, secondsTable } from "../schema/csv.ts";
import { histogramNames } from "../schema/histogram-names.ts";
import { publishedRun } from "../schema/published-run.ts";
import type { MeasuredSummary } from "../schema/summary.ts";
import { Findings } from "../verify/contents/findings.ts";
import { type RowsByRun, readHostSeconds, readSeconds, type StoredSecond } from "../verify/contents/rows.ts";
import { readBundleText } from "./files/bundle-file.ts";
import { parseRunTimeline, runTimelineFile } from "./run-timeline.ts";
import { linkProbesFile, nodeMetricsFile } from "./writer.ts";

/** Larger files than this of one run are left out, so that a page is made in bounded time. */
const largestBytes = 64 * 1024 ** 2;

/** A bundle while its files are read. */
interface Reading {
  readonly folder: string;
  readonly notes: string[];
}

/**
 * Reads a sweep for charts and the page.
 *
 * @param folder absolute path of the bundle
 * @param summary of its runs, which may not be written yet
 */
export async function readSweepView(folder: string, summary: MeasuredSummary): Promise<SweepView> {
  const reading: Reading = { folder, notes: [] };
  const runs = summary.runs.map((run: MeasuredRun) => publishedRun(run));
  const detailed = chooseDetailed(runs);
  const curves = chooseCurves(runs);
  const findings = new Findings();
  const rowsOf = async <Row>(name: string, read: (files: ReadonlyMap<string, string>) => RowsByRun<Row>) => {
    const text = await readIfAny(reading, name, undefined);
    return text === undefined ? new Map<number, readonly Row[]>() : read(new Map([[name, text]]));
  };
  const isOfClients = runs.some(isDriven);
  const seconds = isOfClients
    ? await rowsOf(secondsTable.name, (files) => readSeconds(files, findings))
    : new Map();
  const hosts = await rowsOf(hostLoadTable.name, (files) => readHostSeconds(files, findings));
  for (const { file, key } of findings.differences.slice(0, 3)) {
    reading.notes.push(`${file}, ${key}: not readable, and left out.`);
  }
  const views: RunView[] = [];
  for (const run of runs) {
    const isDetailed = detailed.has(run);
    const rows = { seconds: seconds.get(run.benchmarkNumber), hosts: hosts.get(run.benchmarkNumber) };
    const curve = curves.has(run) ? await readCurve(reading, run) : [];
    views.push(await readRunView(reading, { run, isDetailed, curve, rows }));
  }
  if (detailed.size < runs.length) {
    reading.notes.push(
      `${detailed.size} of ${runs.length} runs are shown in detail: those that are not valid, then the first ones of each load, at most ${mostDetailed}.`,
    );
  }
  return {
    name: basename(folder),
    summary: { ...summary, runs } as MeasuredSummary,
    parameters: ((await readJson(reading, "parameters.json")) ?? {}) as SweepView["parameters"],
    environment: await readJson(reading, "environment.json"),
    runs: views,
    notes: reading.notes,
  };
}

interface RunReading extends Pick<RunView, "run" | "isDetailed" | "curve"> {
  readonly rows: {
    readonly seconds: readonly StoredSecond[] | undefined;
    readonly hosts: readonly HostSecond[] | undefined;
  };
}

async function readRunView(reading: Reading, { rows, ...view }: RunReading): Promise<RunView> {
  const { run, isDetailed } = view;
  if (!isDetailed) return { ...view, seconds: [], hosts: [], nodes: [] };
  const seconds = isDriven(run)
    ? (rows.seconds ?? []).map(secondView)
    : run.figures.seconds.map(({ submitted, ...second }) => ({ ...second, offered: submitted }));
  const nodes = await readNodes(reading, run);
  const links = await readLinks(reading, run);
  const timeline = links?.manualChanges === undefined ? undefined : await readTimeline(reading, run);
  return { ...view, seconds, hosts: rows.hosts ?? [], nodes, links, timeline };
}

async function readTimeline(reading: Reading, run: MeasuredRun): Promise<readonly unknown[] | undefined> {
  const name = runTimelineFile(run.benchmarkNumber);
  return await readAs(reading, name, (text) => parseRunTimeline(text, name));
}

const secondView = ({ values }: StoredSecond): SecondView => ({
  second: values.second ?? 0,
  offered: values.due,
  committed: values.committed,
  p50Ms: values.p50_ms,
  p99Ms: values.p99_ms,
});

async function readCurve(reading: Reading, run: MeasuredRun): Promise<readonly Point[]> {
  if (!isDriven(run)) return [];
  const name = `histograms/${run.benchmarkNumber}-${histogramNames[run.latencyKind]}.hlog`;
  return (await readAs(reading, name, (text) => percentileCurve(parseHistogramLog(text).record))) ?? [];
}

async function readLinks(reading: Reading, run: MeasuredRun): Promise<LinkProbes | undefined> {
  if (run.linkCertificate === undefined) return undefined;
  const name = linkProbesFile(run.benchmarkNumber);
  return await readAs(reading, name, (text) => readForm(linkProbesForm, JSON.parse(text)));
}

async function readNodes(reading: Reading, run: MeasuredRun): Promise<readonly NodeSample[]> {
  const name = nodeMetricsFile(run.benchmarkNumber);
  return (await readAs(reading, name, (text) => nodeSamples(text, Date.parse(run.timestamp)), true)) ?? [];
}

/** @param startMs of the window, milliseconds since 1970 UTC */
function nodeSamples(text: string, startMs: number): NodeSample[] {
  return (Object.keys(nodeMetrics) as NodeMetric[]).flatMap((metric) => {
    const found = nodeMetrics[metric].map((name) => linesOf(text, name)).find((lines) => lines !== "");
    if (found === undefined) return [];
    const values = new Map<string, NodeSample>();
    for (const { series, value, timestampMs = startMs } of parsePrometheus(found).flatMap((f) => f.samples)) {
      const node = series.labels.find(([label]) => label === "node")?.[1] ?? "";
      const second = Math.round(timestampMs - startMs) / 1000;
      const key = `${node} ${second}`;
      values.set(key, { node, metric, second, value: value + (values.get(key)?.value ?? 0) });
    }
    return [...values.values()];
  });
}

/** Only these are parsed: a node may show thousands of others. */
function linesOf(text: string, name: string): string {
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.length === 0 ? "" : `${lines.join("\n")}\n# EOF\n`;
}

async function readJson(reading: Reading, name: string): Promise<unknown> {
  return await readAs(reading, name, (text) => JSON.parse(text) as unknown, true);
}

/** Reads a file and makes something of it. @returns undefined, and a note, where that fails */
async function readAs<T>(
  reading: Reading,
  name: string,
  make: (text: string) => T,
  mayLack = false,
): Promise<T | undefined> {
  const text = await readIfAny(reading, name, mayLack);
  try {
    return text === undefined ? undefined : make(text);
  } catch (error) {
    reading.notes.push(`${name} could not be read, and is left out: ${describeError(error)}`);
    return undefined;
  }
}

async function readIfAny(
  { folder, notes }: Reading,
  name: string,
  mayLack = false,
): Promise<string | undefined> {
  try {
    return await readBundleText(join(folder, name), { folder, largestBytes });
  } catch (error) {
    if (!(mayLack && systemCode(error) === "ENOENT"))
      notes.push(`${name} could not be read, and is left out: ${describeError(error)}`);
    return undefined;
  }
}
