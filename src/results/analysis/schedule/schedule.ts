import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { MeasuredRun } from "../../../contracts/results/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import type { JudgedProbe, SearchReport, SearchSettings } from "../../../contracts/results/search.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { publishedRun } from "../../schema/published-run.ts";
import { judgeProbe } from "./judge-probe.ts";
import { type PlannedRun, planRuns } from "./plan-runs.ts";
import { beginSearch, learn, nextStep, type SearchStep } from "./search.ts";

/** Which run a sweep makes next. */
export interface Schedule {
  /** undefined in a search: how many it takes shows on the way. */
  readonly plannedRuns: number | undefined;
  /** @param finished all runs so far, of earlier commands too. @returns undefined where the sweep is complete */
  readonly next: (finished: readonly MeasuredRun[]) => PlannedRun | undefined;
}

type Planned = Pick<SweepParameters, "loadsTps" | "runs" | "search">;

/** Nothing but parameters and finished runs decides, so a sweep that was ended early goes on as it would have. */
export function openSchedule(parameters: Planned): Schedule {
  const { search } = parameters;
  if (search === undefined) {
    const runs = planRuns(parameters);
    return { plannedRuns: runs.length, next: (finished) => runs[finished.length] };
  }
  return {
    plannedRuns: undefined,
    next: (finished) => {
      const { step } = replay(finished.filter(isDriven), search);
      if (step.type === "end") return undefined;
      const { loadTps } = step;
      const earlier = finished.filter((run) => run.parameters.loadTps === loadTps).length;
      return { benchmarkNumber: finished.length + 1, loadTps, repetition: earlier + 1 };
    },
  };
}

/** The number of the first finished run that the sweep would not have made; undefined where all are its own. */
export function firstStranger(finished: readonly MeasuredRun[], parameters: Planned): number | undefined {
  const schedule = openSchedule(parameters);
  const at = finished.findIndex(
    (run, index) => schedule.next(finished.slice(0, index))?.loadTps !== run.parameters.loadTps,
  );
  return at < 0 ? undefined : at + 1;
}

function replay(finished: readonly RunResult[], terms: SearchSettings) {
  let state = beginSearch();
  const probes: JudgedProbe[] = [];
  for (const run of finished) {
    const probe = judgeProbe(publishedRun(run), terms);
    probes.push(probe);
    state = learn(state, probe.loadTps, probe.status);
  }
  const step: SearchStep = nextStep(state, terms);
  return { state, probes, step };
}

/** What a search found, of all its runs so far. */
export function reportSearch(finished: readonly RunResult[], terms: SearchSettings): SearchReport {
  const { state, probes, step } = replay(finished, terms);
  return {
    terms,
    outcome: step.type === "end" ? step.outcome : "unfinished",
    sustainedTps: state.sustainedTps,
    beyondTps: state.beyondTps,
    kneeTps: kneeTps(finished, terms),
    probes,
  };
}

/**
 * The knee of the latency curve: the probed load at which Kleinrock's power, throughput / mean latency, is largest.
 * Runs that are invalid, or left out of their mean more transactions than the search's efficiency allows (lost, or
 * refused at once), do not take part: their mean is not that of their load.
 *
 * @see L. Kleinrock, "Power and Deterministic Rules of Thumb for Probabilistic Problems in Computer Communications",
 * ICC 1979
 */
function kneeTps(finished: readonly RunResult[], { efficiencyRatio }: SearchSettings): number | undefined {
  let knee: { readonly loadTps: number; readonly power: number } | undefined;
  for (const { verdict, latency, latencyKind, parameters, ...run } of finished.map(publishedRun)) {
    const meanMs = latency[latencyKind]?.meanMs;
    if (verdict.status === "invalid" || run.successRatio < efficiencyRatio || !meanMs) continue;
    const power = run.throughputTps / meanMs;
    if (knee === undefined || power > knee.power) knee = { loadTps: parameters.loadTps, power };
  }
  return knee?.loadTps;
}
