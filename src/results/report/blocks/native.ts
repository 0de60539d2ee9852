/** What the blocks of all loads that nodes make have alike. Each is an array of lines. */
import type { LatencySummary } from "../../../contracts/results/latency.ts";
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatQuantile } from "../text/figures.ts";
import { blockRule } from "./sections.ts";

/** What a block begins with. @param source who measured the load, and how */
export const nativeHead = ({ benchmarkNumber, parameters, verdict }: NativeResult, source: string) => [
  `BENCHMARK RESULT #${benchmarkNumber} (${source})`,
  blockRule,
  `VERDICT: ${verdict.status}`,
  ...verdict.reasons.map((reason) => `  ${formatForeign(reason)}`),
  "",
  `Network Type: ${parameters.networkType}`,
];

/** @param span from what to what it is */
export const nativeLatency = (latency: LatencySummary, span: string): string[] => [
  `LATENCY (${span}):`,
  ...(["p50", "p90", "p95", "p99", "p999"] as const).map(
    (name) => `  ${name.padEnd(5)} ${formatQuantile(latency[name])} ms`,
  ),
];
