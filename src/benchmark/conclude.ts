import type { SweepParameters } from "../config/parameters.ts";
import type { AssertionOutcome } from "../contracts/assertion.ts";
import type { RunResult } from "../contracts/result.ts";
import type { SearchReport } from "../contracts/search.ts";
import { evaluateAssertions } from "./assertions.ts";
import type { SideRuns } from "./compare.ts";
import { reportSearch } from "./schedule.ts";

/** What a sweep's runs come to: what its search found, and what came of its assertions. */
export function concludeSweep(
  runs: readonly RunResult[],
  parameters: Pick<SweepParameters, "assertions" | "loadsTps" | "search">,
  baseline: SideRuns | undefined,
): { readonly search: SearchReport | undefined; readonly assertions: readonly AssertionOutcome[] } {
  const { assertions, search: terms } = parameters;
  const all = { assertions, runs, baseline: baseline?.runs };
  if (terms === undefined) {
    return { search: undefined, assertions: evaluateAssertions({ ...all, loadsTps: parameters.loadsTps }) };
  }
  // What a search tries beyond what the network sustains is to fail.
  const search = reportSearch(runs, terms);
  const { sustainedTps = terms.fromTps } = search;
  const outcomes = evaluateAssertions({ ...all, loadsTps: [sustainedTps] });
  const reason = "no load is sustained";
  const nothing = search.sustainedTps === undefined;
  return {
    search,
    assertions: nothing ? outcomes.map((outcome) => ({ ...outcome, passed: false, reason })) : outcomes,
  };
}
