import { assertionsJson } from "../bundle/assertion-json.ts";
import { loadSummaryJson } from "../bundle/load-summary-json.ts";
import {
  buildNativeResultsJson,
  isNativeSummary,
  type MeasuredSummary,
} from "../bundle/native-summary-json.ts";
import { formatJson, present } from "../bundle/numbers.ts";
import { publishedRun } from "../bundle/published-run.ts";
import { buildRunJson } from "../bundle/run-json.ts";
import { searchJson } from "../bundle/search-json.ts";
import type { SweepSummary } from "../bundle/summary-json.ts";
import type { Leftover } from "../contracts/deployment.ts";
import { summarizeLoads } from "../stats/load-summary.ts";

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

export type ResultsJson = ReturnType<typeof buildResultsJson>;

/** The one document that `--json` puts on standard output. */
export function formatResultsJson(summary: MeasuredSummary, context: ResultsContext): string {
  return formatJson(
    isNativeSummary(summary) ? buildNativeResultsJson(summary, context) : buildResultsJson(summary, context),
  );
}
