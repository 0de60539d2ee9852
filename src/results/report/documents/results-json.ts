import type { Leftover } from "../../../contracts/deployment.ts";
import { summarizeLoads } from "../../../metrics/stats/load-summary.ts";
import { formatJson, present } from "../../schema/numbers.ts";
import { assertionsJson } from "../../schema/parameters/assertion-json.ts";
import { searchJson } from "../../schema/parameters/search-json.ts";
import { buildRunJson } from "../../schema/run/run-json.ts";
import { loadSummaryJson } from "../../schema/sweep/load-summary-json.ts";
import {
  buildNativeResultsJson,
  isNativeSummary,
  type MeasuredSummary,
} from "../../schema/sweep/native-summary-json.ts";
import { publishedRun } from "../../schema/sweep/published-run.ts";
import type { SweepSummary } from "../../schema/sweep/summary-json.ts";

export interface ResultsContext {
  /** As they are published. */
  readonly parameters: object;
  /** Path of the bundle; absent where nothing is written. */
  readonly bundle?: string | undefined;
  readonly leftover?: Leftover | undefined;
}

/** The document of `--json`; its runs are just what their files hold. */
export function buildResultsJson(summary: SweepSummary, context: ResultsContext) {
  const { leftover } = context;
  return present({
    schema: "baleen.results/1",
    run: summary.run,
    started: summary.startedAt,
    finished: summary.finishedAt,
    planned_runs: summary.plannedRuns,
    finished_runs: summary.runs.length,
    ended_early: summary.endedEarly,
    bundle: context.bundle,
    leftover: leftover && { what: leftover.what, command: leftover.command },
    parameters: context.parameters,
    runs: summary.runs.map(buildRunJson),
    loads: summarizeLoads(summary.runs.map(publishedRun)).map(loadSummaryJson),
    search: summary.search && searchJson(summary.search),
    assertions: assertionsJson(summary.assertions),
  });
}

/** The same, whoever made the load. */
export function buildResultsDocument(summary: MeasuredSummary, context: ResultsContext): object {
  return isNativeSummary(summary)
    ? buildNativeResultsJson(summary, context)
    : buildResultsJson(summary, context);
}

/** The one document that `--json` puts on standard output. */
export function formatResultsJson(summary: MeasuredSummary, context: ResultsContext): string {
  return formatJson(buildResultsDocument(summary, context));
}
