import { type SweepParameters, windowSecsAt } from "../config/parameters.ts";

/** Lengths of one run's phases, for one load level. */
export interface PhaseLengths {
  readonly warmUpSecs: number;
  readonly windowSecs: number;
  readonly windowTransactions: number;
}

/** Share of the duration that warms up where nothing else is asked, and its least length. */
const warmUpRatio = 0.1;
const leastWarmUpSecs = 2;

/**
 * How long each phase of a run is. With `numTransactions` exactly that many are due in the window, which is as long
 * as they take at the load; else the window is `durationSecs` long and holds load × duration transactions.
 */
export function phaseLengths(
  parameters: Pick<SweepParameters, "durationSecs" | "numTransactions" | "warmUpSecs">,
  loadTps: number,
): PhaseLengths {
  const windowTransactions =
    parameters.numTransactions ?? Math.max(1, Math.round(loadTps * parameters.durationSecs));
  const windowSecs = windowSecsAt(loadTps, parameters);
  return {
    warmUpSecs: parameters.warmUpSecs ?? Math.max(leastWarmUpSecs, windowSecs * warmUpRatio),
    windowSecs,
    windowTransactions,
  };
}
