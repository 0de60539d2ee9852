import type { MeasuredRun, NativeResult } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import {
  isNative,
  isOfFlows,
  isOfMessages,
  peerDeliveriesOf,
  readMetric,
} from "../../../metrics/stats/run-metrics.ts";
import { formatBound, formatFigure, nothingSeen } from "../text/figures.ts";
import { nameLoad, throughputUnitOf } from "../text/load.ts";
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
  const of = isNative(run) ? peerLatencyName(run) : latencyKind;
  return [
    `RUN ${benchmarkNumber}, ${nameLoad(parameters.loadTps, [run])}: ${verdictText(verdict)}${why}`,
    `  Throughput: ${shown("throughput", throughputUnitOf([run]))}`,
    `  p50 ${of} latency: ${shown("p50Latency", "ms")}`,
    `  p99 ${of} latency: ${shown("p99Latency", "ms")}`,
    `  Failed: ${failures(run)}`,
  ].join("\n");
}

function failures(run: MeasuredRun): string {
  if (!isNative(run)) return `${run.failed} of ${run.ledger.scheduled}`;
  const deliveries = peerDeliveriesOf(run.figures);
  if (deliveries === undefined) return "not known, the nodes made the load";
  const what = isOfFlows(run) ? "packets" : "deliveries";
  return `${deliveries.missing} of ${deliveries.expected} ${what}`;
}

/** What a latency that the nodes told is of. */
function peerLatencyName(run: NativeResult): string {
  const { flows } = run.figures;
  return flows?.latencyOf ?? (isOfMessages(run) ? "delivery" : run.latencyKind);
}
