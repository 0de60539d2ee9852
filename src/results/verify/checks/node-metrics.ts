import type { BaleenEvent } from "../../../contracts/events.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { describeError } from "../../../core/errors.ts";
import { type MetricFamily, type MetricSample, parsePrometheus } from "../../../metrics/nodes/prometheus.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { nodeMetricsFile } from "../../bundle/writer.ts";
import { restartedNodes } from "../../schema/histogram-names.ts";
import type { Contents } from "../contents/contents.ts";
import type { FileFindings, Findings } from "../contents/findings.ts";

/** Events and metrics are on one machine's clock, whose wall time may be set a little meanwhile. */
const clockSlackMs = 1_000;

/**
 * What nodes showed of themselves follows from nothing else: it must be read as it was written, be of nodes and times of
 * its run, and no counter falls unless its node began anew.
 */
export function checkNodeMetrics({ files, measured, reported }: Contents, findings: Findings): void {
  const wanted = new Set<string>();
  for (const run of measured) {
    const file = nodeMetricsFile(run.benchmarkNumber);
    wanted.add(file);
    const text = files.get(file);
    if (text === undefined) continue;
    try {
      const span = spanOf(run, reported.get(run.benchmarkNumber)?.all ?? []);
      for (const family of parsePrometheus(text)) checkFamily(family, run, span, findings.in(file));
    } catch (error) {
      findings.in(file).add("its form", describeError(error), "OpenMetrics text");
    }
  }
  for (const file of files.keys()) {
    if (!file.startsWith("metrics/")) continue;
    // A run that ended before its own file was written leaves what it had.
    const belongs = wanted.has(file) || file === nodeMetricsFile(measured.length + 1);
    findings.in(file).holds("it", "a file", belongs, "nothing: it belongs to no run");
  }
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From the run's start to its end, as events tell; undefined where its wall times stand for no lengths. */
function spanOf(run: MeasuredRun, events: readonly BaleenEvent[]): Span | undefined {
  const started = events.find(({ type }) => type === "run-started");
  const finished = events.find(({ type }) => type === "run-finished");
  const stoodStill = isDriven(run) && run.evidence.stalls.length > 0;
  if (stoodStill || started === undefined || finished === undefined) return undefined;
  return { fromMs: Date.parse(started.t) - clockSlackMs, toMs: Date.parse(finished.t) + clockSlackMs };
}

function checkFamily(
  family: MetricFamily,
  run: MeasuredRun,
  span: Span | undefined,
  found: FileFindings,
): void {
  const all = [...run.nodes, ...(run.helpers ?? [])];
  const nodes = new Map(all.map((node) => [node.name, node]));
  const restarted = isDriven(run)
    ? restartedNodes(run)
    : new Set(all.filter(({ exitedUnasked }) => exitedUnasked).map(({ name }) => name));
  const last = new Map<string, number>();
  const lastOfNode = new Map<string, number>();
  for (const sample of family.samples) {
    const { series, value, timestampMs } = sample;
    const key = `${series.key} at ${timestampMs === undefined ? "no time" : timestampMs / 1000}`;
    const node = nodeOf(sample);
    found.holds(key, node, nodes.has(node), "a node of the run");
    const isInTime = timestampMs !== undefined && isWithin(timestampMs, span);
    found.holds(key, timestampMs, isInTime, "a time within the run");
    lastOfNode.set(node, value);
    if (family.type !== "counter") continue;
    const before = last.get(series.key) ?? 0;
    const isRising = value >= before || (restarted.has(node) && value >= 0);
    const follows = `${before} or more: a counter does not fall while its node runs`;
    found.holds(key, value, isRising, follows);
    last.set(series.key, value);
  }
  if (family.name !== "go_goroutines") return;
  for (const { name, goroutines } of nodes.values()) {
    if (goroutines === undefined) continue;
    found.holds(
      `goroutines of ${name}`,
      goroutines,
      goroutines === lastOfNode.get(name),
      "the last one it showed",
    );
  }
}

const nodeOf = ({ series }: MetricSample) => series.labels.find(([name]) => name === "node")?.[1] ?? "";

const isWithin = (ms: number, span: Span | undefined) =>
  span === undefined || (ms >= span.fromMs && ms <= span.toMs);
