import type { SweepSummary } from "../bundle/summary-json.ts";
import { formatAssertions } from "./assertions.ts";
import { formatLoadTable } from "./load-table.ts";
import { formatSearch } from "./search.ts";
import { formatSummaryTable } from "./summary-table.ts";

/**
 * Tables over all runs, each with its title: one line per run, the loads over their runs, what a search found, and what
 * came of the assertions. Ends without a line break.
 */
export function formatClosingTables({
  runs,
  search,
  assertions = [],
}: Pick<SweepSummary, "runs" | "search" | "assertions">): string {
  const repeats = Math.max(1, ...runs.map(({ repetition = 1 }) => repetition));
  return [
    `SUMMARY\n${formatSummaryTable(runs)}`,
    ...(repeats > 1 ? [`OVER ${repeats} RUNS\n${formatLoadTable(runs)}`] : []),
    ...(search === undefined ? [] : [`SEARCH\n${formatSearch(search, runs)}`]),
    ...(assertions.length === 0 ? [] : [formatAssertions(assertions)]),
  ].join("\n\n");
}
