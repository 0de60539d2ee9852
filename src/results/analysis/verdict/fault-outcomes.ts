/** What was done to nodes and links in a run's result, from what the timeline's driver and the observer recorded. */
import type { FaultOutcome, FaultRecord } from "../../../contracts/results/faults.ts";
import type { LinkChangeOutcome, LinkChangeRecord } from "../../../contracts/results/links/link-changes.ts";

/** Adds to each fault when a new height was first seen after it. */
export function faultOutcomes(
  faults: readonly FaultRecord[],
  heightsSeenMs: readonly number[],
): FaultOutcome[] {
  return faults.map((fault) => {
    const goesDown = fault.action === "crash" || fault.action === "pause";
    return {
      ...fault,
      ...firstCommitAfter(goesDown ? fault.effectiveSecs : fault.issuedSecs, heightsSeenMs),
    };
  });
}

/** The same of changes of links. */
export function linkChangeOutcomes(
  changes: readonly LinkChangeRecord[],
  heightsSeenMs: readonly number[],
): LinkChangeOutcome[] {
  return changes.map((change) => ({ ...change, ...firstCommitAfter(change.effectiveSecs, heightsSeenMs) }));
}

function firstCommitAfter(
  fromSecs: number | undefined,
  heightsSeenMs: readonly number[],
): Pick<FaultOutcome, "firstCommitSecs"> {
  const seenMs = fromSecs === undefined ? undefined : heightsSeenMs.find((atMs) => atMs >= fromSecs * 1000);
  return seenMs === undefined ? {} : { firstCommitSecs: seenMs / 1000 };
}
