/** The published form of a whole sweep: schema/summary.schema.json describes every key. */
import type { AssertionOutcome } from "../../../contracts/results/assertion.ts";
import type { MeasuredRun } from "../../../contracts/results/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import type { SearchReport } from "../../../contracts/results/search.ts";
import { summarizeLoads } from "../../../metrics/stats/load-summary.ts";
import { percent, present, rounded } from "../numbers.ts";
import { assertionsJson } from "../parameters/assertion-json.ts";
import { searchJson } from "../parameters/search-json.ts";
import { msJson, quantileJson } from "../run/latency-json.ts";
import { runFileName } from "../run/run-json.ts";
import { loadSummaryJson } from "./load-summary-json.ts";
import { publishedRun } from "./published-run.ts";
import { type EndedSweep, summaryStartJson } from "./summary-start.ts";

/** Name and version of the form. */
export const summarySchema = "baleen.summary/1";

/** A sweep at its end, and what was made of its runs. */
export interface SweepSummary<Run extends MeasuredRun = RunResult> extends EndedSweep<Run> {
  /** What was found, where the highest sustained load was looked for. */
  readonly search?: SearchReport | undefined;
  /** What came of its assertions; empty where there were none. */
  readonly assertions?: readonly AssertionOutcome[] | undefined;
}

function rowJson(result: RunResult) {
  const headline = result.latency[result.latencyKind];
  return present({
    benchmark_number: result.benchmarkNumber,
    file: runFileName(result),
    load: result.parameters.loadTps,
    repetition: result.repetition,
    faults: result.parameters.faults,
    crash_recovery: result.parameters.crashRecovery,
    failover: result.parameters.failover,
    redirected_transactions: result.redirected,
    throughput: rounded(result.throughputTps),
    offered_load: result.offeredTps === undefined ? undefined : rounded(result.offeredTps),
    efficiency_percent: result.efficiencyRatio === undefined ? undefined : percent(result.efficiencyRatio),
    success_rate_percent: percent(result.successRatio),
    latency_kind: result.latencyKind,
    avg_latency_ms: msJson(headline?.meanMs),
    latency_std_dev_ms: msJson(headline?.stdDevMs),
    ...quantileJson("p50", headline?.p50),
    ...quantileJson("p99", headline?.p99),
    successful_transactions: result.successful,
    failed_transactions: result.failed,
    verdict: { status: result.verdict.status, reasons: result.verdict.reasons },
  });
}

/** @throws InvalidArgumentError where a measured number is not finite */
export function buildSummaryJson(summary: SweepSummary) {
  return present({
    schema: summarySchema,
    ...summaryStartJson(summary),
    runs: summary.runs.map(rowJson),
    loads: summarizeLoads(summary.runs.map(publishedRun)).map(loadSummaryJson),
    search: summary.search && searchJson(summary.search),
    assertions: assertionsJson(summary.assertions),
  });
}
