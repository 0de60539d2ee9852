import type { Leftover } from "../../../contracts/deployment.ts";
import { formatJson, present } from "../../../core/documents/numbers.ts";
import { buildNativeRunJson } from "../../schema/published-run.ts";
import { buildRunJson } from "../../schema/run.ts";
import {
  buildNativeSummaryJson,
  buildSummaryJson,
  isNativeSummary,
  type MeasuredSummary,
} from "../../schema/summary.ts";

export interface ResultsContext {
  /** As they are published. */
  readonly parameters: object;
  /** Path of the bundle; absent where nothing is written. */
  readonly bundle?: string | undefined;
  readonly leftover?: Leftover | undefined;
}

/** The document of `--json`: the summary, but that its runs are just what their files hold. */
export function buildResultsDocument(
  summary: MeasuredSummary,
  context: ResultsContext,
): ReturnType<typeof buildSummaryJson> {
  const { bundle, leftover, parameters } = context;
  const around = {
    bundle,
    leftover: leftover && { what: leftover.what, command: leftover.command },
    parameters,
  };
  if (isNativeSummary(summary)) {
    const schema = "baleen.native-results/1";
    const runs = summary.runs.map(buildNativeRunJson);
    return present({ ...buildNativeSummaryJson(summary), schema, ...around, runs });
  }
  const { network_type, runtime, runs, loads, search, assertions, ...start } = buildSummaryJson(summary);
  return present({
    ...start,
    schema: "baleen.results/1",
    ...around,
    runs: summary.runs.map(buildRunJson),
    loads,
    search,
    assertions,
  });
}

/** The one document that `--json` puts on standard output. */
export function formatResultsJson(summary: MeasuredSummary, context: ResultsContext): string {
  return formatJson(buildResultsDocument(summary, context));
}
