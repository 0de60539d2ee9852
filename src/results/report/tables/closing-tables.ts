import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { SweepSummary } from "../../schema/summary.ts";
import { formatAssertions } from "../blocks/assertions.ts";
import { formatSearch } from "../blocks/search.ts";
import { formatLoadTable } from "./load-table.ts";
import { formatSummaryTable } from "./summary-table.ts";

/** Tables over all runs, each with its title: one line per run, the loads over their runs, what a search found, what was asserted. */
export function formatClosingTables(
  { runs, search, assertions = [] }: Pick<SweepSummary, "runs" | "search" | "assertions">,
  parameters: Pick<SweepParameters, "runs">,
): string {
  return [
    `SUMMARY\n${formatSummaryTable(runs)}`,
    ...(parameters.runs > 1 && runs.length > 0
      ? [`OVER ${parameters.runs} RUNS\n${formatLoadTable(runs)}`]
      : []),
    ...(search === undefined ? [] : [`SEARCH\n${formatSearch(search, runs)}`]),
    ...(assertions.length === 0 ? [] : [formatAssertions(assertions, runs)]),
  ].join("\n\n");
}
