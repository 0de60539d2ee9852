/** Crash faults in a run's result, from what the injector and the observer recorded. */
import type { FaultOutcome, FaultRecord } from "../../../contracts/results/faults.ts";

/** Adds to each fault when a new height was first seen after it. */
export function faultOutcomes(
  faults: readonly FaultRecord[],
  heightsSeenMs: readonly number[],
): FaultOutcome[] {
  return faults.map((fault) => {
    const fromSecs = fault.action === "crash" ? fault.effectiveSecs : fault.issuedSecs;
    const seenMs = fromSecs === undefined ? undefined : heightsSeenMs.find((atMs) => atMs >= fromSecs * 1000);
    return seenMs === undefined ? fault : { ...fault, firstCommitSecs: seenMs / 1000 };
  });
}
