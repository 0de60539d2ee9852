import type { SweepParameters } from "../../contracts/parameters.ts";
import { knownLoadsTps, windowSecsAt } from "../../load/level/phases.ts";
import { countPieces, expectedTransactions, mostPieces } from "../../load/timeline/profile.ts";
import { formatCount, nearer } from "../rules/rule.ts";
import type { ParameterReader } from "./given.ts";

/** A window must hold a transaction, and end within the longest duration. */
export function checkWindows(parameters: SweepParameters, { given, refuse }: ParameterReader): void {
  const { numTransactions, durationSecs } = parameters;
  const own = parameters.networkType === "remote" ? given.remoteLoads : given.localLoads;
  const load = parameters.search === undefined ? (nearer(given.loads, own) ?? "loads") : "searchFrom";
  const longestSecs = 604_800;
  for (const loadTps of new Set(knownLoadsTps(parameters))) {
    const expected = expectedIn(loadTps, parameters);
    if (expected === 0) {
      // Whatever the load is: told once.
      const why = `it offers no load within ${formatCount(durationSecs)} s. Use a level above 0, or a longer duration if one comes later.`;
      refuse(given.phases ?? "profile", why, "invalid-value");
      return;
    }
    if (expected < 1) {
      const why = `${loadTps} tx/s schedules no transaction within ${durationSecs} s. Use a higher load or a longer duration.`;
      refuse(load, why, "invalid-value");
    }
    if (numTransactions !== undefined && windowSecsAt(loadTps, parameters) > longestSecs) {
      const why = `${formatCount(numTransactions)} transactions at ${loadTps} tx/s take longer than the maximum of ${formatCount(longestSecs)} seconds. Use a higher load or fewer transactions.`;
      refuse(load, why, "invalid-value");
    }
  }
}

/** Transactions that are due in a window, a fraction; as many as anybody wants where that is not what counts. */
function expectedIn(loadTps: number, parameters: SweepParameters): number {
  const { profile, numTransactions } = parameters;
  if (numTransactions !== undefined || profile.kind === "closed") return Number.POSITIVE_INFINITY;
  const windowSecs = windowSecsAt(loadTps, parameters);
  // Refused already.
  if (countPieces(profile, windowSecs) > mostPieces) return Number.POSITIVE_INFINITY;
  return expectedTransactions(profile, { loadTps, windowSecs });
}
