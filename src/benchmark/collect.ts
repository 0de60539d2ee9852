import { rounded } from "../bundle/numbers.ts";
import type { BundleWriter } from "../bundle/writer.ts";
import type { Network } from "../contracts/deployment.ts";
import type { Emit } from "../contracts/events.ts";
import type { LatencyKind, RunResult, StretchResult } from "../contracts/result.ts";
import { mapBounded, withinMs } from "../core/async.ts";
import { describeError } from "../core/errors.ts";
import { formatOpenMetrics } from "../metrics/openmetrics.ts";
import { formatHistogramLog, type HistogramInterval } from "../stats/hlog.ts";
import type { LatencyRecord } from "../stats/latency-record.ts";
import type { RunOutcome } from "./run.ts";

/** Lines of each node's log that a bundle keeps per run. */
const keptLogLines = 2_000;
/** Longest wait for one node's log. */
const logTimeoutMs = 5_000;
const nodesAtOnce = 16;

/** File-name forms of the latencies. */
export const histogramNames: Readonly<Record<LatencyKind | "lateness", string>> = {
  commit: "commit",
  commitService: "commit-service",
  response: "response",
  submit: "submit",
  lateness: "lateness",
};

/** File-name forms of a stretch's, from 1: of the nodes that are meant to be up, and of those that are not. */
export const stretchHistogramName = (stretch: number, side: "living" | "dead") =>
  `stretch-${stretch}-${side}`;

/** The same of a phase's. */
export const phaseHistogramName = (phase: number) => `phase-${phase}`;

/** Keeps a run's histograms, from which everything that is said of its latencies can be computed again. */
export async function saveHistograms(
  bundle: BundleWriter,
  { result, report, parts }: RunOutcome,
): Promise<void> {
  const startedAtMs = Date.parse(result.timestamp);
  const whole = { startedAtMs, lengthSecs: result.parameters.durationSecs };
  const save = async (name: string, record: LatencyRecord | undefined, interval = whole) => {
    if (record === undefined) return;
    await bundle.writeHistogram(`${result.benchmarkNumber}-${name}`, formatHistogramLog(record, interval));
  };
  const records = { ...report.latency, lateness: report.lateness };
  for (const [kind, name] of Object.entries(histogramNames)) {
    await save(name, records[kind as keyof typeof records]);
  }
  for (const [index, stretch] of result.stretches.entries()) {
    const interval = partInterval(startedAtMs, stretch);
    const part = parts.crashes[index];
    await save(stretchHistogramName(index + 1, "living"), part?.ofLiving.latency, interval);
    await save(stretchHistogramName(index + 1, "dead"), part?.ofDead.latency, interval);
  }
  for (const [index, phase] of result.phases.entries()) {
    const interval = partInterval(startedAtMs, phase);
    await save(phaseHistogramName(index + 1), parts.phases[index]?.latency, interval);
  }
}

/**
 * Keeps what the nodes showed of themselves. Counters of a node that was crashed, or ended by itself, may begin anew.
 */
export async function saveNodeMetrics(
  bundle: BundleWriter,
  { result, nodeMetrics }: Pick<RunOutcome, "result" | "nodeMetrics">,
): Promise<void> {
  if (nodeMetrics === undefined) return;
  const { families, wallMsAt } = nodeMetrics;
  const text = formatOpenMetrics(families, { wallMsAt, restarted: restartedNodes(result) });
  await bundle.writeNodeMetrics(result.benchmarkNumber, text);
}

/** Nodes that may have begun anew in a run, or have ended. */
export function restartedNodes({
  faults,
  evidence,
}: Pick<RunResult, "faults" | "evidence">): ReadonlySet<string> {
  const crashed = faults.filter(({ issuedSecs }) => issuedSecs !== undefined);
  return new Set([...crashed, ...evidence.nodeExits].map(({ node }) => node));
}

/** By the times of a stretch or a phase as they are published. */
export function partInterval(
  startedAtMs: number,
  { fromSecs, toSecs }: Pick<StretchResult, "fromSecs" | "toSecs">,
): HistogramInterval {
  const [from, to] = [rounded(fromSecs), rounded(toSecs)];
  return { startedAtMs: startedAtMs + Math.round(from * 1000), lengthSecs: rounded(to - from) };
}

/**
 * Keeps the last lines of every node's log; where one cannot be had, a line that says so. It also runs when a run has
 * failed, so it never waits for long, and what goes wrong here is told as a warning: it must not hide the failure.
 */
export async function saveNodeLogs(
  bundle: BundleWriter,
  network: Network,
  options: { readonly benchmarkNumber: number; readonly emit: Emit },
): Promise<void> {
  await mapBounded([...network.nodes, ...(network.helpers ?? [])], nodesAtOnce, async (node) => {
    const text = await withinMs(logTimeoutMs, node.logs({ tailLines: keptLogLines }));
    try {
      await bundle.writeLog(
        `${options.benchmarkNumber}-${node.name}`,
        text ?? "(the log could not be had)\n",
      );
    } catch (error) {
      options.emit({
        type: "warning",
        message: `The log of ${node.name} is not kept: ${describeError(error)}`,
      });
    }
  });
}
