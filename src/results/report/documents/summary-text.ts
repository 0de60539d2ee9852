import type { SweepParameters } from "../../../contracts/parameters.ts";
import { buildParametersJson } from "../../schema/parameters.ts";
import type { SweepSummary } from "../../schema/summary.ts";
import { formatHeader, type HeaderFacts } from "../blocks/header.ts";
import { formatRunBlock } from "../blocks/run-block.ts";
import { formatClosingTables } from "../tables/closing-tables.ts";
import { formatForeign } from "../text/figures.ts";

/** Every parameter, as it is published. */
function parameterLines(parameters: SweepParameters): string[] {
  const value = (entry: unknown) => (typeof entry === "string" ? entry : JSON.stringify(entry));
  return Object.entries(buildParametersJson(parameters))
    .filter(([name]) => name !== "schema")
    .map(([name, entry]) => `  ${name}: ${value(entry)}`);
}

/** When a sweep was, and how far it came, whatever its runs are. */
interface EndedSweep {
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly endedEarly?: string | undefined;
  readonly runs: readonly unknown[];
  readonly plannedRuns?: number | undefined;
}

/** One line on a sweep that ended before its last run, else none. */
export function endedEarlySection({ endedEarly, runs, plannedRuns }: EndedSweep): string[] {
  if (endedEarly === undefined) return [];
  const planned = plannedRuns === undefined ? "" : ` of ${plannedRuns}`;
  return [`ENDED EARLY after ${runs.length}${planned} runs: ${formatForeign(endedEarly)}`, ""];
}

/** What ends every summary.txt: how the sweep ended, when it was, and its parameters. */
export function closingLines(summary: EndedSweep, parameters: SweepParameters): string[] {
  return [
    ...endedEarlySection(summary),
    `Started: ${summary.startedAt}`,
    `Finished: ${summary.finishedAt}`,
    "",
    "Parameters:",
    ...parameterLines(parameters),
    "",
  ];
}

/** summary.txt: all that the console showed, and every parameter. Ends with a line break. */
export function formatSummaryText(
  summary: SweepSummary,
  parameters: SweepParameters,
  facts: HeaderFacts,
): string {
  return [
    formatHeader(parameters, facts),
    "",
    ...summary.runs.flatMap((result) => [formatRunBlock(result), ""]),
    formatClosingTables(summary, parameters),
    "",
    ...closingLines(summary, parameters),
  ].join("\n");
}
