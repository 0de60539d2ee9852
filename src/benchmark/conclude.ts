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
  const search = reportSearch(runs, terms);
  const { sustainedTps } = search;
  if (sustainedTps === undefined) {
    const reason = "no load is sustained";
    const outcomes = evaluateAssertions({ ...all, loadsTps: [terms.fromTps] });
    return { search, assertions: outcomes.map((outcome) => ({ ...outcome, passed: false, reason })) };
  }
  // What a search tries beyond what the network sustains is to fail, and a run that it made again said nothing.
  const held = runs.filter((run) => isSustained(run, search));
  return { search, assertions: evaluateAssertions({ ...all, runs: held, loadsTps: [sustainedTps] }) };
}

const isSustained = ({ benchmarkNumber }: RunResult, { probes }: SearchReport) =>
  probes.some((probe) => probe.benchmarkNumber === benchmarkNumber && probe.status === "sustained");
