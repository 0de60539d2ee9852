import type { NodeStep } from "../../contracts/links/timeline.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { buildCrashTimeline, cutSegments } from "../timeline/crashes.ts";
import { buildRates, phaseSpans } from "../timeline/profile.ts";
import { highestTps } from "../timeline/rates.ts";
import { joinCuts } from "../timeline/segments.ts";
import { joinSteps, nodeStepsOf, type Steps } from "../timeline/steps.ts";
import { type PhaseLengths, phaseLengths } from "./phases.ts";

/** Transactions a second for each in flight that a closed loop is made for, before it is known: a reply within 10 ms. */
const closedLoopTpsEach = 100;

/** What clients are told of the load: how it changes over the window, and into which segments the run is cut. */
export type LoadPlan = Pick<ClientPlan, "rateTps" | "rates" | "closedLoop" | "segments">;

/** What one load level comes to, worked out once and carried through its run. */
export interface Level {
  readonly loadTps: number;
  readonly lengths: PhaseLengths;
  /** What is done to nodes and links when; empty where nothing is. */
  readonly steps: Steps;
  readonly load: LoadPlan;
  /** Transactions due in the window per second; undefined where nothing is scheduled before, in a closed loop. */
  readonly offeredTps: number | undefined;
}

/**
 * @param timeline what a user's timeline comes to in this window
 * @throws InvalidArgumentError where crashes do not fit into the window
 */
export function planLevel(parameters: SweepParameters, loadTps: number, timeline: Steps = []): Level {
  const lengths = phaseLengths(parameters, loadTps);
  const { windowTransactions, windowSecs } = lengths;
  const steps = joinSteps(planCrashes(parameters, lengths), timeline, windowSecs * 1000);
  return {
    loadTps,
    lengths,
    steps,
    load: planLoad(parameters, { loadTps, lengths, steps }),
    offeredTps: windowTransactions === 0 ? undefined : windowTransactions / windowSecs,
  };
}

function planCrashes(
  { committee, faults, crashRecovery, crashIntervalSecs }: SweepParameters,
  { windowSecs }: PhaseLengths,
): NodeStep[] {
  if (faults === 0) return [];
  return buildCrashTimeline({
    nodes: committee,
    faults,
    windowMs: windowSecs * 1000,
    recoverAfterMs: crashRecovery ? crashIntervalSecs * 1000 : undefined,
  });
}

function planLoad(
  { profile }: SweepParameters,
  { loadTps, lengths, steps }: Pick<Level, "loadTps" | "lengths" | "steps">,
): LoadPlan {
  const { warmUpSecs, windowSecs } = lengths;
  const warmUpMs = warmUpSecs * 1000;
  // Also where links alone change: the observer of a run in parts keeps when heights were seen.
  const cuts = steps.length === 0 ? [] : cutSegments(nodeStepsOf(steps), warmUpMs);
  const segments = joinCuts(cuts, phaseSpans(profile, windowSecs), warmUpMs);
  if (profile.kind === "closed") {
    return {
      segments,
      rateTps: loadTps * closedLoopTpsEach,
      closedLoop: { inFlight: loadTps },
    };
  }
  const rates = buildRates(profile, { loadTps, windowMs: windowSecs * 1000 });
  return { segments, rateTps: rates === undefined ? loadTps : highestTps(rates), rates };
}
