import type { SweepParameters } from "../../contracts/parameters.ts";
import { expectedTransactions, meanLevel } from "../timeline/profile.ts";

type WindowParameters = Pick<SweepParameters, "durationSecs" | "numTransactions" | "profile">;

/** Lengths of one run's phases, for one load level. */
export interface PhaseLengths {
  readonly warmUpSecs: number;
  readonly windowSecs: number;
  /** 0 in a closed loop, where nobody knows before how many there will be. */
  readonly windowTransactions: number;
}

/** Share of the duration that warms up where nothing else is asked, and its least length. */
const warmUpRatio = 0.1;
const leastWarmUpSecs = 2;

/**
 * How long each phase of a run is. With `numTransactions` exactly that many are due in the window, which is as long
 * as they take at the load; else the window is `durationSecs` long and holds as many as the profile offers in it.
 */
export function phaseLengths(
  parameters: WindowParameters & Pick<SweepParameters, "warmUpSecs">,
  loadTps: number,
): PhaseLengths {
  const { profile, numTransactions } = parameters;
  const windowSecs = windowSecsAt(loadTps, parameters);
  const expected = () => Math.max(1, Math.round(expectedTransactions(profile, { loadTps, windowSecs })));
  const windowTransactions = profile.kind === "closed" ? 0 : (numTransactions ?? expected());
  return {
    warmUpSecs: parameters.warmUpSecs ?? Math.max(leastWarmUpSecs, windowSecs * warmUpRatio),
    windowSecs,
    windowTransactions,
  };
}

/** Loads that are known before a sweep begins: those that were given, or both ends of a search. */
export function knownLoadsTps({
  loadsTps,
  search,
}: Pick<SweepParameters, "loadsTps" | "search">): readonly number[] {
  return search === undefined ? loadsTps : [search.fromTps, search.toTps];
}

/** How long the measurement window is at a load: as asked, or as long as the asked number of transactions takes. */
export function windowSecsAt(
  loadTps: number,
  { durationSecs, numTransactions, profile }: WindowParameters,
): number {
  return numTransactions === undefined ? durationSecs : numTransactions / (loadTps * meanLevel(profile));
}
