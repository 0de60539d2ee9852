import type { BundleWriter } from "../bundle/writer.ts";
import type { Network } from "../contracts/deployment.ts";
import type { LatencyKind, RunResult } from "../contracts/result.ts";
import { describeError } from "../core/errors.ts";
import type { ClientReport } from "../load/client-plan.ts";
import { formatHistogramLog } from "../stats/hlog.ts";
import type { LatencyRecord } from "../stats/latency-record.ts";

/** Lines of each node's log that a bundle keeps per run. */
const keptLogLines = 2_000;

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

/** Keeps the last lines of every node's log; a node whose log cannot be had gets a line that says why. */
export async function saveNodeLogs(
  bundle: BundleWriter,
  network: Network,
  benchmarkNumber: number,
): Promise<void> {
  for (const node of network.nodes) {
    const text = await node
      .logs({ tailLines: keptLogLines })
      .catch((error: unknown) => `(no log to be had: ${describeError(error)})\n`);
    await bundle.writeLog(`${benchmarkNumber}-${node.name}`, text);
  }
}
