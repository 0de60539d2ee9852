import type { BundleWriter } from "../bundle/writer.ts";
import type { Network } from "../contracts/deployment.ts";
import type { Emit } from "../contracts/events.ts";
import type { LatencyKind, RunResult } from "../contracts/result.ts";
import { mapBounded, withinMs } from "../core/async.ts";
import { describeError } from "../core/errors.ts";
import type { ClientReport } from "../load/client-plan.ts";
import { formatHistogramLog } from "../stats/hlog.ts";
import type { LatencyRecord } from "../stats/latency-record.ts";

/** Lines of each node's log that a bundle keeps per run. */
const keptLogLines = 2_000;
/** Longest wait for one node's log. */
const logTimeoutMs = 5_000;
const nodesAtOnce = 16;

/** File-name forms of the latencies. */
const histogramNames: Readonly<Record<LatencyKind, string>> = {
  commit: "commit",
  commitService: "commit-service",
  response: "response",
  submit: "submit",
};

/** Keeps a run's histograms, from which every percentile can be computed again. */
export async function saveHistograms(
  bundle: BundleWriter,
  result: RunResult,
  report: ClientReport,
): Promise<void> {
  const save = (name: string, record: LatencyRecord | undefined) =>
    record === undefined
      ? undefined
      : bundle.writeHistogram(
          `${result.benchmarkNumber}-${name}`,
          formatHistogramLog(record, {
            startedAtMs: report.windowStartedAtMs,
            lengthSecs: result.parameters.durationSecs,
          }),
        );
  for (const kind of Object.keys(histogramNames) as LatencyKind[]) {
    await save(histogramNames[kind], report.latency[kind]);
  }
  await save("lateness", report.lateness);
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
  await mapBounded(network.nodes, nodesAtOnce, async (node) => {
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
