import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import type { JudgedProbe, SearchReport, SearchSettings } from "../../../contracts/results/search.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { publishedRun } from "../../schema/published-run.ts";
import { beginSearch, learn, nextStep, type SearchStep } from "./search.ts";

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

/** What a search has found in the runs that are finished, at its end or before it. */
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

export interface PlannedRun {
  /** From 1 within the sweep. */
  readonly benchmarkNumber: number;
  readonly loadTps: number;
  /** From 1 within the load. */
  readonly repetition: number;
  /** All runs of the load; absent in a search, where it shows on the way. */
  readonly repetitions?: number;
}

/**
 * All runs of a sweep over given loads, in rounds: every load once, then every load again, so that what changes slowly
 * on the machines (their temperature, other work) meets all loads alike. A load that was given twice has twice as many.
 */
export function planRuns({
  loadsTps,
  runs,
}: Pick<SweepParameters, "loadsTps" | "runs">): readonly PlannedRun[] {
  const done = new Map<number, number>();
  return Array.from({ length: runs }, () => loadsTps)
    .flat()
    .map((loadTps, index) => {
      const repetition = (done.get(loadTps) ?? 0) + 1;
      done.set(loadTps, repetition);
      const repetitions = runs * loadsTps.filter((other) => other === loadTps).length;
      return { benchmarkNumber: index + 1, loadTps, repetition, repetitions };
    });
}

/**
 * Says whether a run's load was sustained: throughput near enough to it, p99 of the headline latency within its limit
 * where there is one, and a backlog that does not grow.
 *
 * A generator-limited run within all terms counts as sustained: what came late and in bursts was the harder load, and
 * its lateness stands in the latency. Beyond a term nobody knows whose doing that was.
 */
export function judgeProbe(run: RunResult, options: SearchSettings): JudgedProbe {
  const { benchmarkNumber, parameters, verdict } = run;
  const probe = { benchmarkNumber, loadTps: parameters.loadTps };
  if (verdict.status === "invalid") return { ...probe, status: "invalid", reasons: verdict.reasons };
  const beyond = [
    ...beyondEfficiency(run, options),
    ...beyondLatency(run, options),
    ...beyondBacklog(run, options),
  ];
  if (beyond.length === 0) return { ...probe, status: "sustained", reasons: [] };
  if (verdict.status === "valid") return { ...probe, status: "not-sustained", reasons: beyond };
  return { ...probe, status: "generator-limited", reasons: [...beyond, ...verdict.reasons] };
}

/** Rounded away from the limit, so that nothing is said to be beyond the very number that is its limit. */
const below = (ratio: number) => `${(Math.floor(ratio * 1000 + 1e-9) / 10).toFixed(1)} %`;
const above = (ratio: number) => `${(Math.ceil(ratio * 1000 - 1e-9) / 10).toFixed(1)} %`;
const limit = (ratio: number) => `limit ${Number((ratio * 100).toFixed(3))} %`;

function beyondEfficiency({ efficiencyRatio }: RunResult, options: SearchSettings): string[] {
  // Absent in a closed loop alone, and a search makes none.
  if (efficiencyRatio === undefined || efficiencyRatio >= options.efficiencyRatio) return [];
  return [`efficiency ${below(efficiencyRatio)}, ${limit(options.efficiencyRatio)}`];
}

function beyondLatency({ latency, latencyKind }: RunResult, { latencyMs }: SearchSettings): string[] {
  if (latencyMs === undefined) return [];
  const headline = latency[latencyKind];
  const p99 = headline?.p99;
  if (p99 === undefined) return [`no ${latencyKind} latency was seen, limit ${latencyMs} ms`];
  const p99Name = `p99 ${latencyKind} latency`;
  if (p99.ms > latencyMs) {
    const bound = p99.atLeast ? "at least " : "";
    return [`${p99Name} ${bound}${p99.ms.toFixed(1)} ms, limit ${latencyMs} ms`];
  }
  if (!p99.atLeast) return [];
  // A lower bound below the limit shows nothing, and no load is sustained that nobody saw sustained.
  const known = `is only known to be at least ${p99.ms.toFixed(1)} ms, ${headline?.censored} not seen`;
  return [`${p99Name} ${known}, limit ${latencyMs} ms`];
}

/** Within two standard errors of the limit it may be chance: where in a second the blocks happened to come. */
function beyondBacklog(run: RunResult, options: SearchSettings): string[] {
  const { backlogGrowthRatio: growth, backlogGrowthErrorRatio: error = 0 } = run;
  if (growth === undefined || growth <= options.backlogGrowthRatio + 2 * error) return [];
  const chance = error < 0.001 ? "" : ` + twice its standard error of ${below(error)}`;
  return [`the backlog grew by ${above(growth)} of the load, ${limit(options.backlogGrowthRatio)}${chance}`];
}
