import type { RunResult } from "../../../contracts/results/result.ts";
import { formatMs, formatTps } from "../text/figures.ts";
import { environmentSection } from "./environment.ts";
import { blockRule, closingSections, unobservedSection } from "./sections.ts";

/** What `local-network` says at its end, in the source document's words. Ends without a line break. */
export function formatLocalNetworkStatistics(result: RunResult): string {
  const headline = result.latency[result.latencyKind];
  return [
    "TRANSACTION STATISTICS",
    blockRule,
    `Total transactions: ${result.ledger.scheduled}`,
    `Successful transactions: ${result.successful}`,
    `Failed transactions: ${result.failed}`,
    `Actual rate: ${formatTps(result.throughputTps)}`,
    `Average latency: ${formatMs(headline?.meanMs)}`,
    `Latency std dev: ${formatMs(headline?.stdDevMs)}`,
    ...unobservedSection(result),
    "",
    ...environmentSection(result),
    ...closingSections(result),
  ].join("\n");
}
