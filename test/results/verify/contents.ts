/** Contents of a bundle of which only a part concerns a check. */
import type { Contents } from "../../../src/results/verify/contents/contents.ts";
import { runsInEvents } from "../../../src/results/verify/contents/events.ts";

export function contentsOf(part: Partial<Contents>): Contents {
  return {
    files: new Map(),
    measured: part.runs ?? part.nativeRuns ?? [],
    runs: [],
    nativeRuns: [],
    parameters: undefined,
    events: [],
    reported: runsInEvents(part.events ?? []),
    seconds: new Map(),
    hostSeconds: new Map(),
    ...part,
  };
}
