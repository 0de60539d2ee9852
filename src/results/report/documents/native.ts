/** Runs whose load the nodes made, for people. Every latency but the mean is two edges of a bucket. */

import type { LatencyBounds } from "../../../contracts/load/node-load.ts";
import type { NativeResult } from "../../../contracts/results/native.ts";
import { environmentCaption, environmentSection, verdictColumn } from "../blocks/environment.ts";
import { blockRule } from "../blocks/sections.ts";
import {
  formatAsked,
  formatFigure,
  formatForeign,
  formatMs,
  formatTps,
  nothingSeen,
  seen,
} from "../text/figures.ts";
import { type Column, formatTable, right } from "../text/table.ts";

/** ≤ 500 ms (bucket 250–500), or > 2500 ms where it lies beyond the last edge. */
export function formatBounds(bounds: LatencyBounds | undefined): string {
  if (bounds === undefined) return "none seen";
  const { aboveMs, upToMs } = bounds;
  if (upToMs === undefined) return `> ${formatAsked(aboveMs)} ms (beyond the last bucket)`;
  return `≤ ${formatAsked(upToMs)} ms (bucket ${formatAsked(aboveMs)}–${formatAsked(upToMs)})`;
}

const counted = "native: counted by the nodes themselves";

/** The block that is shown when a load ends. Ends without a line break. */
export function formatNativeBlock(result: NativeResult): string {
  const { parameters, figures, verdict } = result;
  const { latency } = figures;
  const tps = (value: number | undefined) => (value === undefined ? "none seen" : formatTps(value));
  const tail = (["p50", "p90", "p95", "p99", "p999"] as const).map(
    (name) => `  ${name.padEnd(5)} ${formatBounds(latency?.[name])}`,
  );
  return [
    `BENCHMARK RESULT #${result.benchmarkNumber} (${counted})`,
    blockRule,
    `Network Type: ${parameters.networkType}`,
    `Input Load: ${formatAsked(parameters.loadTps)} tx/s, made by the nodes`,
    `Submitted: ${figures.submittedTps === undefined ? "not told" : formatTps(figures.submittedTps)}`,
    `Duration: ${formatAsked(parameters.durationSecs)}s`,
    "",
    "RESULTS:",
    `  Throughput: ${tps(figures.throughputTps)}`,
    `  Average Latency: ${formatMs(latency?.meanMs)}`,
    `  Latency Std Dev: ${latency?.stdDevMs === undefined ? "not told" : formatMs(latency.stdDevMs)}`,
    `  Committed Transactions: ${figures.committed ?? nothingSeen}`,
    `  Submitted Transactions: ${figures.submitted ?? nothingSeen}`,
    ...(figures.spreadRatio === undefined
      ? []
      : [`  Counts of the nodes lie ${(figures.spreadRatio * 100).toFixed(1)} % apart`]),
    "",
    "LATENCY (as far as the nodes' buckets tell):",
    ...tail,
    "",
    `NETWORK: ${parameters.nodes} nodes, ${parameters.protocol}, ${parameters.runtime} runtime`,
    edgesLine(result),
    "",
    ...environmentSection(result),
    `VERDICT: ${verdict.status} (${counted})`,
    ...verdict.reasons.map((reason) => `  ${formatForeign(reason)}`),
  ].join("\n");
}

/** How far from the window's edges the nodes were looked at. */
function edgesLine({ figures, parameters }: NativeResult): string {
  if (figures.nodes.length === 0) return "Counters: no node was seen at both edges of the window";
  const off = figures.nodes.flatMap(({ fromSecs, toSecs }) => [fromSecs, toSecs - parameters.durationSecs]);
  const mostMs = Math.max(...off.map(Math.abs)) * 1000;
  const answerMs = Math.max(...figures.nodes.map(({ answerSecs }) => answerSecs)) * 1000;
  return `Counters: read at most ${formatMs(mostMs)} from the window's edges, answered within ${formatMs(answerMs)}`;
}

const columns: readonly Column<NativeResult>[] = [
  right("Load\ntx/s", ({ parameters }) => formatAsked(parameters.loadTps)),
  right("Submitted\ntx/s", ({ figures }) => seen(figures.submittedTps, formatFigure)),
  right("Throughput\ntx/s", ({ figures }) => seen(figures.throughputTps, formatFigure)),
  right("Avg\nms", ({ figures }) => seen(figures.latency?.meanMs, formatFigure)),
  right("Std\nDev", ({ figures }) => seen(figures.latency?.stdDevMs, formatFigure)),
  right("p50\nms", ({ figures }) => seen(figures.latency?.p50, edges)),
  right("p99\nms", ({ figures }) => seen(figures.latency?.p99, edges)),
  verdictColumn,
];

function edges({ aboveMs, upToMs }: LatencyBounds): string {
  return upToMs === undefined ? `>${formatAsked(aboveMs)}` : `${formatAsked(aboveMs)}–${formatAsked(upToMs)}`;
}

/** One line per run. Ends without a line break. */
export function formatNativeTable(results: readonly NativeResult[]): string {
  if (results.length === 0) return "No run finished.";
  const caption =
    "Native: the nodes made the load and counted it. Quantiles lie within the bucket that is shown.";
  return [formatTable(columns, results), caption, ...environmentCaption(results)].join("\n");
}
