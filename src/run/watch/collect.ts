import type { Network } from "../../contracts/deployment.ts";
import type { Emit } from "../../contracts/events.ts";
import { latencyKinds } from "../../contracts/results/latency.ts";
import { mapBounded, withinMs } from "../../core/async.ts";
import { describeError } from "../../core/errors.ts";
import { formatOpenMetrics } from "../../metrics/nodes/openmetrics.ts";
import { formatHistogramLog } from "../../metrics/stats/hlog.ts";
import type { LatencyRecord } from "../../metrics/stats/latency-record.ts";
import type { BundleWriter } from "../../results/bundle/writer.ts";
import {
  histogramNames,
  partInterval,
  phaseHistogramName,
  restartedNodes,
  segmentHistogramName,
} from "../../results/schema/histogram-names.ts";
import type { RunOutcome } from "./run-request.ts";

/** Lines of each node's log that a bundle keeps per run. */
const keptLogLines = 2_000;
const logTimeoutMs = 5_000;
const nodesAtOnce = 16;

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
  for (const kind of latencyKinds) {
    if (result.latency[kind] !== undefined) await save(histogramNames[kind], report.latency[kind]);
  }
  await save(histogramNames.lateness, report.lateness);
  for (const [index, segment] of result.segments.entries()) {
    const interval = partInterval(startedAtMs, segment);
    const part = parts.crashes[index];
    await save(segmentHistogramName(index + 1, "living"), part?.ofLiving.latency, interval);
    await save(segmentHistogramName(index + 1, "dead"), part?.ofDead.latency, interval);
  }
  for (const [index, phase] of result.phases.entries()) {
    const interval = partInterval(startedAtMs, phase);
    await save(phaseHistogramName(index + 1), parts.phases[index]?.latency, interval);
  }
}

/** Keeps what nodes showed. Counters of one that was crashed, or ended by itself, may begin anew. */
export async function saveNodeMetrics(
  bundle: BundleWriter,
  { result, nodeMetrics }: Pick<RunOutcome, "result" | "nodeMetrics">,
): Promise<void> {
  if (nodeMetrics === undefined) return;
  const { families, wallMsAt } = nodeMetrics;
  const text = formatOpenMetrics(families, { wallMsAt, restarted: restartedNodes(result) });
  await bundle.writeNodeMetrics(result.benchmarkNumber, text);
}

/**
 * Keeps the last lines of every node's log, or a line that says they cannot be had. Also after a run that has failed:
 * it never waits for long, and what goes wrong here is a warning, which must not hide that failure.
 */
export async function saveNodeLogs(
  bundle: BundleWriter,
  network: Network,
  { benchmarkNumber, emit }: { readonly benchmarkNumber: number; readonly emit: Emit },
): Promise<void> {
  await mapBounded([...network.nodes, ...(network.helpers ?? [])], nodesAtOnce, async (node) => {
    const text = await withinMs(logTimeoutMs, node.logs({ tailLines: keptLogLines }));
    try {
      await bundle.writeLog(`${benchmarkNumber}-${node.name}`, text ?? "(the log could not be fetched)\n");
    } catch (error) {
      const message = `The log of ${node.name} is not kept: ${describeError(error)}`;
      emit({ type: "warning", message });
    }
  });
}
