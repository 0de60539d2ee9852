/** What clients are told of the load: how it changes over the window, and into which parts the run is cut. */

import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { cutSegments, type Timeline } from "../timeline/crashes.ts";
import { buildRates, phaseSpans } from "../timeline/profile.ts";
import { highestTps } from "../timeline/rates.ts";
import { joinCuts } from "../timeline/segments.ts";
import type { PhaseLengths } from "./phases.ts";

/** Transactions a second for each in flight that a closed loop is made for, before it is known: a reply within 10 ms. */
const closedLoopTpsEach = 100;

export type LoadPlan = Pick<ClientPlan, "rateTps" | "rates" | "closedLoop" | "segments">;

export function loadPlan(
  { parameters, loadTps }: { readonly parameters: SweepParameters; readonly loadTps: number },
  { warmUpSecs, windowSecs }: PhaseLengths,
  timeline: Timeline,
): LoadPlan {
  const { profile } = parameters;
  const warmUpMs = warmUpSecs * 1000;
  const crashes = timeline.length === 0 ? [] : cutSegments(timeline, warmUpMs);
  const segments = joinCuts(crashes, phaseSpans(profile, windowSecs), warmUpMs);
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

/** Offered load; undefined where nothing was scheduled before, in a closed loop. */
export function offeredTps({ windowTransactions, windowSecs }: PhaseLengths): number | undefined {
  return windowTransactions === 0 ? undefined : windowTransactions / windowSecs;
}
