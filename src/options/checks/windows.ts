/** Whether each load has something to do in a window of a length that can be. */

import type { SweepParameters } from "../../contracts/parameters.ts";
import { knownLoadsTps, windowSecsAt } from "../../load/level/phases.ts";
import { countPieces, expectedTransactions, mostPieces } from "../../load/timeline/profile.ts";
import { formatCount, nearer } from "../rules/rule.ts";
import type { ParameterReader } from "./given.ts";

/** A window must hold a transaction, and end within the longest duration. */
export function checkWindows(parameters: SweepParameters, { given, diagnostics }: ParameterReader): void {
  const { numTransactions, durationSecs } = parameters;
  const own = parameters.networkType === "remote" ? given.remoteLoads : given.localLoads;
  const loadName =
    parameters.search === undefined
      ? (nearer(given.loads, own)?.name ?? "loads")
      : (given.searchFrom?.name ?? "searchFrom");
  const longestSecs = 604_800;
  for (const loadTps of new Set(knownLoadsTps(parameters))) {
    const expected = expectedIn(loadTps, parameters);
    if (expected === 0) {
      // Whatever the load is: told once.
      const name = (given.phases ?? given.profile)?.name ?? "profile";
      const message = `${name}: it offers no load within ${formatCount(durationSecs)} s. Use a level above 0, or a longer duration if one comes later.`;
      diagnostics.push({ code: "invalid-value", message });
      return;
    }
    if (expected < 1) {
      diagnostics.push({
        code: "invalid-value",
        message: `${loadName}: ${loadTps} tx/s schedules no transaction within ${durationSecs} s. Use a higher load or a longer duration.`,
      });
    }
    if (numTransactions !== undefined && windowSecsAt(loadTps, parameters) > longestSecs) {
      diagnostics.push({
        code: "invalid-value",
        message: `${loadName}: ${formatCount(numTransactions)} transactions at ${loadTps} tx/s take longer than the maximum of ${formatCount(longestSecs)} seconds. Use a higher load or fewer transactions.`,
      });
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
