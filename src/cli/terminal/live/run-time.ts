/** Where a run is, and how long it and its sweep still take. Pure. */

import type { EventBody } from "../../../contracts/events.ts";
import type { LoadKind } from "../../../contracts/load/load-profile.ts";
import type { PhaseLengths } from "../../../load/level/phases.ts";
import type { PlannedRun } from "../../../results/analysis/schedule/schedule.ts";
import { formatAsked, formatDuration } from "../../../results/report/text/figures.ts";

export interface SweepTimes {
  /** All runs; absent in a search, where nobody knows them. */
  readonly planned?: readonly PlannedRun[] | undefined;
  readonly lengths: (loadTps: number) => Pick<PhaseLengths, "warmUpSecs" | "windowSecs">;
  /** The drain is at most so long. */
  readonly drainSecs: number;
}

type LoadPhase = Extract<EventBody, { readonly type: "load-phase" }>;
type Phase = "deploying" | "opening" | LoadPhase["phase"] | "ending";

export interface RunTime {
  readonly benchmarkNumber: number;
  readonly loadTps: number;
  readonly kind: LoadKind;
  readonly createdMs: number;
  readonly phase: Phase;
  readonly sinceMs: number;
  /** Of a client that makes its transactions before the run, the latest to say so. */
  readonly made?: { readonly made: number; readonly of: number } | undefined;
  /** When the warm-up began. */
  readonly loadFromMs?: number | undefined;
  /** When the window begins or began. */
  readonly windowFromMs?: number | undefined;
}

export function enterPhase(run: RunTime, phase: Phase, nowMs: number): RunTime {
  return run.phase === phase ? run : { ...run, phase, sinceMs: nowMs };
}

export function enterLoadPhase(
  run: RunTime,
  { phase, lateMs }: LoadPhase,
  { times, nowMs }: { readonly times: SweepTimes; readonly nowMs: number },
): RunTime {
  const entered = enterPhase(run, phase, nowMs);
  if (phase === "warm-up") {
    const { warmUpSecs } = times.lengths(run.loadTps);
    return { ...entered, loadFromMs: nowMs, windowFromMs: nowMs + warmUpSecs * 1000 };
  }
  return phase === "window" ? { ...entered, windowFromMs: nowMs - (lateMs ?? 0) } : entered;
}

/** "measuring 12 of 60 s" */
export function describePhase(run: RunTime, times: SweepTimes, nowMs: number): string {
  const { windowSecs } = times.lengths(run.loadTps);
  const secs = Math.max(0, Math.floor((nowMs - run.sinceMs) / 1000));
  switch (run.phase) {
    case "deploying":
      return `deploying, ${formatDuration(secs)}`;
    case "opening":
      return run.made === undefined
        ? "opening the clients"
        : `making transactions, ${run.made.made} of ${run.made.of} of a client`;
    case "warm-up":
      return "warming up";
    case "window":
      return `measuring ${Math.min(secs, Math.floor(windowSecs))} of ${formatAsked(windowSecs)} s`;
    case "drain":
      return `waiting for what is outstanding, ${secs} of at most ${formatAsked(times.drainSecs)} s`;
    case "done":
      return "collecting";
    case "ending":
      return `cleaning up, ${formatDuration(secs)}`;
  }
}

/** To the end of the window, seconds; undefined where that is over, or nobody knows its beginning. */
export function runLeftSecs(run: RunTime, times: SweepTimes, nowMs: number): number | undefined {
  if (run.windowFromMs === undefined || (run.phase !== "warm-up" && run.phase !== "window")) return undefined;
  const endMs = run.windowFromMs + times.lengths(run.loadTps).windowSecs * 1000;
  return Math.max(0, Math.ceil((endMs - nowMs) / 1000));
}

/** What a run took besides warm-up and window. */
export function overheadMs(run: RunTime, times: SweepTimes, nowMs: number): number {
  const { warmUpSecs, windowSecs } = times.lengths(run.loadTps);
  return Math.max(0, nowMs - run.createdMs - (warmUpSecs + windowSecs) * 1000);
}

/**
 * To the end of the last run, about. What runs take besides warm-up and window is taken from those that ended, before
 * the first end from what the first took until its load began.
 *
 * @returns undefined where no run is left, nobody knows how many there will be, or nothing tells how long a start takes
 */
export function sweepLeftSecs(
  run: RunTime,
  { times, overheadsMs }: { readonly times: SweepTimes; readonly overheadsMs: readonly number[] },
  nowMs: number,
): number | undefined {
  const later = times.planned?.filter(({ benchmarkNumber }) => benchmarkNumber > run.benchmarkNumber) ?? [];
  const seen = overheadsMs.length > 0 ? overheadsMs : startOf(run);
  if (later.length === 0 || seen.length === 0) return undefined;
  const perRunSecs = seen.reduce((sum, ms) => sum + ms, 0) / seen.length / 1000;
  const lengthSecs = (loadTps: number) => {
    const { warmUpSecs, windowSecs } = times.lengths(loadTps);
    return warmUpSecs + windowSecs + perRunSecs;
  };
  const ownSecs =
    run.phase === "ending" ? 0 : Math.max(0, lengthSecs(run.loadTps) - (nowMs - run.createdMs) / 1000);
  return later.reduce((sum, { loadTps }) => sum + lengthSecs(loadTps), ownSecs);
}

function startOf({ loadFromMs, createdMs }: RunTime): readonly number[] {
  return loadFromMs === undefined ? [] : [loadFromMs - createdMs];
}
