import type { RunResult } from "../../../contracts/results/result.ts";
import { formatAsked, formatMs, formatPercent, formatTps } from "../text/figures.ts";
import { edgeSection, formatLoad, offeredLines, phaseSection } from "../text/load.ts";
import { environmentSection } from "./environment.ts";
import { faultSection } from "./faults.ts";
import { growthSection } from "./growth.ts";
import { emulatedLinkSection } from "./link-certificate.ts";
import { linkSection } from "./links.ts";
import { blockRule, closingSections, unobservedSection, verdictSection } from "./sections.ts";

/**
 * The block that is shown when a load ends: the verdict, then the source document's lines unchanged in look, then
 * latencies and ledger. Ends without a line break.
 */
export function formatRunBlock(result: RunResult): string {
  const { parameters } = result;
  const headline = result.latency[result.latencyKind];
  return [
    `BENCHMARK RESULT #${result.benchmarkNumber}`,
    blockRule,
    ...verdictSection(result),
    `Network Type: ${parameters.networkType}`,
    `Input Load: ${formatLoad(parameters)}`,
    ...offeredLines(result),
    `Duration: ${formatAsked(parameters.durationSecs)}s`,
    "",
    "RESULTS:",
    `  Throughput: ${formatTps(result.throughputTps)}`,
    `  Average Latency: ${formatMs(headline?.meanMs)}`,
    `  Latency Std Dev: ${formatMs(headline?.stdDevMs)}`,
    `  Successful Transactions: ${result.successful}`,
    `  Failed Transactions: ${result.failed}`,
    ...(result.efficiencyRatio === undefined
      ? []
      : [`  Efficiency: ${formatPercent(result.efficiencyRatio)}`]),
    ...edgeSection(result),
    ...unobservedSection(result),
    "",
    `NETWORK: ${parameters.nodes} nodes, ${parameters.protocol}, ${parameters.runtime} runtime`,
    "",
    ...linkSection(result),
    ...emulatedLinkSection(result),
    ...phaseSection(result),
    ...faultSection(result),
    ...growthSection(result),
    ...environmentSection(result),
    ...closingSections(result),
  ].join("\n");
}

/** What `local-network` says at its end, in the source document's words. Ends without a line break. */
export function formatLocalNetworkStatistics(result: RunResult): string {
  const headline = result.latency[result.latencyKind];
  return [
    "TRANSACTION STATISTICS",
    blockRule,
    ...verdictSection(result),
    `Total transactions: ${result.ledger.scheduled}`,
    `Successful transactions: ${result.successful}`,
    `Failed transactions: ${result.failed}`,
    `Actual rate: ${formatTps(result.throughputTps)}`,
    `Average latency: ${formatMs(headline?.meanMs)}`,
    `Latency std dev: ${formatMs(headline?.stdDevMs)}`,
    ...unobservedSection(result),
    "",
    ...growthSection(result),
    ...environmentSection(result),
    ...closingSections(result),
  ].join("\n");
}
