import type { SweepParameters } from "../../contracts/parameters.ts";
import type { AssertionOutcome } from "../../contracts/results/assertion.ts";
import type { SideRuns } from "../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import type { RunResult } from "../../contracts/results/result.ts";
import type { SearchReport } from "../../contracts/results/search.ts";
import { isDriven } from "../../metrics/stats/run-metrics.ts";
import type { BundleEnd, StoredBundle } from "../bundle/reader.ts";
import type { MeasuredSummary } from "../schema/summary.ts";
import { evaluateAssertions } from "./assertions/assertions.ts";
import { reportSearch } from "./schedule/schedule.ts";

/** What a sweep's runs come to: what its search found, and what came of its assertions. */
export function concludeSweep(
  all: readonly MeasuredRun[],
  parameters: Pick<SweepParameters, "assertions" | "loadsTps" | "search">,
  baseline: SideRuns | undefined,
): { readonly search: SearchReport | undefined; readonly assertions: readonly AssertionOutcome[] } {
  const { assertions, search: terms } = parameters;
  const held = { assertions, baseline: baseline?.runs };
  if (terms === undefined) {
    return {
      search: undefined,
      assertions: evaluateAssertions({ ...held, runs: all, loadsTps: parameters.loadsTps }),
    };
  }
  // Loads that nodes make are not searched.
  const runs = all.filter(isDriven);
  const search = reportSearch(runs, terms);
  const { sustainedTps } = search;
  if (sustainedTps === undefined) {
    const reason = "no load is sustained";
    const outcomes = evaluateAssertions({ ...held, runs, loadsTps: [terms.fromTps] });
    return { search, assertions: outcomes.map((outcome) => ({ ...outcome, passed: false, reason })) };
  }
  // What a search tries beyond what the network sustains is to fail, and a run that it made again said nothing.
  const sustained = runs.filter((run) => isSustained(run, search));
  return { search, assertions: evaluateAssertions({ ...held, runs: sustained, loadsTps: [sustainedTps] }) };
}

const isSustained = ({ benchmarkNumber }: RunResult, { probes }: SearchReport) =>
  probes.some((probe) => probe.benchmarkNumber === benchmarkNumber && probe.status === "sustained");

/** A bundle whose sweep came to an end, and what it is held to. */
export interface HeldSweep {
  readonly stored: StoredBundle;
  readonly end: BundleEnd;
  readonly parameters: SweepParameters;
  readonly baseline?: SideRuns | undefined;
}

/** The sweep at its end, as its runs come out by what it is held to now. */
export function summaryOf({ stored, end, parameters, baseline }: HeldSweep): MeasuredSummary {
  const concluded = concludeSweep(stored.runs, parameters, baseline);
  if (stored.generator === "clients") return { ...end, runs: stored.runs, ...concluded };
  return { ...end, generator: stored.generator, runs: stored.runs, assertions: concluded.assertions };
}
