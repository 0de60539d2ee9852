import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { buildParametersJson } from "../../schema/parameters.ts";
import {
  isNativeSummary,
  type MeasuredSummary,
  type NativeSummary,
  type SweepSummary,
} from "../../schema/summary.ts";
import { countAssertions, formatAssertions } from "../blocks/assertions.ts";
import { formatHeader, type HeaderFacts } from "../blocks/header.ts";
import { formatRunBlock } from "../blocks/run-block.ts";
import { formatSearch } from "../blocks/search.ts";
import { formatLoadTable, formatSummaryTable } from "../tables/summary-table.ts";
import { entryLines } from "../text/figures.ts";
import { formatNativeBlock, formatNativeTable } from "./native.ts";
import { describeRuns } from "./reported-sweep.ts";

/** Every parameter, as it is published. */
function parameterLines(parameters: SweepParameters): string[] {
  const value = (entry: unknown) => (typeof entry === "string" ? entry : JSON.stringify(entry));
  const { schema: _, ...published } = buildParametersJson(parameters);
  return entryLines(Object.entries(published).map(([name, entry]) => [name, value(entry)]));
}

/** One line on a sweep that ended before its last run, or that goes on; else none. */
export function endedEarlySection(
  { endedEarly, runs, plannedRuns }: MeasuredSummary,
  head: "ENDED EARLY" | "UNDER WAY" = "ENDED EARLY",
): string[] {
  if (endedEarly === undefined) return [];
  const planned = plannedRuns === undefined ? "" : ` of ${plannedRuns}`;
  return [`${head} after ${runs.length}${planned} runs: ${formatForeign(endedEarly)}`, ""];
}

/** The block that is shown when a load ends. Ends without a line break. */
export const formatRun = (run: MeasuredRun): string =>
  run.kind === "native" ? formatNativeBlock(run) : formatRunBlock(run);

type Driven = Pick<SweepSummary, "runs" | "search" | "assertions">;
type Closing = Driven | Pick<NativeSummary, "generator" | "runs" | "assertions">;

/** What the runs and the assertions of a sweep come to, in a line: "VERDICT: 3 of 3 runs valid". */
export function verdictOfSweep({ runs, assertions = [] }: Closing): string {
  const asserted = assertions.length === 0 ? [] : [countAssertions(assertions)];
  return `VERDICT: ${[describeRuns(runs), ...asserted].join(", ")}`;
}

/**
 * The verdict, and tables over all runs, each with its title: one line per run, the loads over their runs, what a search
 * found, what was asserted. Ends without a line break.
 */
export const formatClosing = (summary: Closing, parameters: Pick<SweepParameters, "runs">): string =>
  `${verdictOfSweep(summary)}\n\n${formatTables(summary, parameters)}`;

function formatTables(summary: Closing, parameters: Pick<SweepParameters, "runs">): string {
  const { assertions = [], runs } = summary;
  return [
    ...("generator" in summary ? [formatNativeTable(summary.runs)] : drivenTables(summary, parameters)),
    ...(assertions.length === 0 ? [] : [formatAssertions(assertions, runs)]),
  ].join("\n\n");
}

function drivenTables({ runs, search }: Driven, asked: Pick<SweepParameters, "runs">): string[] {
  return [
    `SUMMARY\n${formatSummaryTable(runs)}`,
    ...(asked.runs > 1 && runs.length > 0 ? [`OVER ${asked.runs} RUNS\n${formatLoadTable(runs)}`] : []),
    ...(search === undefined ? [] : [`SEARCH\n${formatSearch(search, runs)}`]),
  ];
}

/** summary.txt: the verdict, all that the console showed, and every parameter. Ends with a line break. */
export function formatSummaryText(
  summary: MeasuredSummary,
  parameters: SweepParameters,
  facts: HeaderFacts,
): string {
  return [
    verdictOfSweep(summary),
    "",
    formatHeader(parameters, facts, isNativeSummary(summary)),
    "",
    ...summary.runs.flatMap((run) => [formatRun(run), ""]),
    formatTables(summary, parameters),
    "",
    ...endedEarlySection(summary),
    `Started: ${summary.startedAt}`,
    `Finished: ${summary.finishedAt}`,
    "",
    "Parameters:",
    ...parameterLines(parameters),
    "",
  ].join("\n");
}
