import type { MeasuredRun } from "../../../contracts/results/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { isNative, readMetric } from "../../../metrics/stats/run-metrics.ts";
import { formatBound, formatFigure, nothingSeen } from "../text/figures.ts";
import { nameLoad } from "../text/load.ts";
import { verdictText } from "./sections.ts";

/** A terminal with fewer rows shows the short form of a run unless told otherwise: the whole block would scroll away. */
export const fewestRows = 40;

/** A run in five lines: verdict, throughput, median and 99th percentile of the latency, and what failed. */
export function formatBriefRun(run: MeasuredRun): string {
  const { benchmarkNumber, parameters, verdict, latencyKind } = run;
  const [reason, ...others] = verdict.reasons;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const why = reason === undefined ? "" : `: ${formatForeign(reason)}${more}`;
  const shown = (metric: "throughput" | "p50Latency" | "p99Latency", unit: string) => {
    const found = readMetric(metric, run);
    return found === undefined ? nothingSeen : `${formatBound(found, formatFigure)} ${unit}`;
  };
  return [
    `RUN ${benchmarkNumber}, ${nameLoad(parameters.loadTps, [run])}: ${verdictText(verdict)}${why}`,
    `  Throughput: ${shown("throughput", "tx/s")}`,
    `  p50 ${latencyKind} latency: ${shown("p50Latency", "ms")}`,
    `  p99 ${latencyKind} latency: ${shown("p99Latency", "ms")}`,
    `  Failed: ${isNative(run) ? "not known, the nodes made the load" : `${run.failed} of ${run.ledger.scheduled}`}`,
  ].join("\n");
}
