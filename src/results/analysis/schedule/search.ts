/** Where a search for the highest sustained load goes next, and when it ends. Pure: its state is what was seen. */
import type { ProbeStatus, SearchOutcome, SearchSettings } from "../../../contracts/results/search.ts";

/** What is known so far. `beginSearch` makes the first, `learn` each further one. */
export interface SearchState {
  readonly sustainedTps?: number | undefined;
  /** The lowest load that is not, or at which the load generator was the limit. */
  readonly beyondTps?: number | undefined;
  readonly beyondBy?: "not-sustained" | "generator-limited" | undefined;
  /** The load that is next was tried, and its run said nothing of the network. */
  readonly isSecondTry: boolean;
  /** Neither did its second run, which was invalid. */
  readonly isStuck: boolean;
}

export type SearchStep =
  | { readonly type: "probe"; readonly loadTps: number }
  | { readonly type: "end"; readonly outcome: Exclude<SearchOutcome, "unfinished"> };

export function beginSearch(): SearchState {
  return { isSecondTry: false, isStuck: false };
}

/**
 * Doubles the load until it is not sustained (or the highest one is), then halves the ratio between the two, until they
 * are as near as was asked. No load above one that was not sustained is tried, none below one that was.
 */
export function nextStep(state: SearchState, options: SearchSettings): SearchStep {
  const { sustainedTps, beyondTps, beyondBy } = state;
  if (state.isStuck) return { type: "end", outcome: "stopped" };
  if (sustainedTps === undefined) {
    if (beyondTps === undefined) return { type: "probe", loadTps: options.fromTps };
    return { type: "end", outcome: beyondBy === "generator-limited" ? "generator-limit" : "none" };
  }
  if (beyondTps === undefined) {
    if (sustainedTps >= options.toTps) return { type: "end", outcome: "upper-bound" };
    return { type: "probe", loadTps: Math.min(2 * sustainedTps, options.toTps) };
  }
  if (beyondTps / sustainedTps <= 1 + options.precisionRatio) {
    return { type: "end", outcome: beyondBy === "generator-limited" ? "generator-limit" : "found" };
  }
  return { type: "probe", loadTps: between(sustainedTps, beyondTps) };
}

/**
 * A run that says nothing of the network, because it is invalid or because the load generator was at its own limit, is
 * made again, once: a machine's hiccup shall not end a search.
 *
 * @param status of a run at the load of `nextStep`
 */
export function learn(state: SearchState, loadTps: number, status: ProbeStatus): SearchState {
  switch (status) {
    case "sustained":
      return { ...state, sustainedTps: loadTps, isSecondTry: false };
    case "not-sustained":
      return { ...state, beyondTps: loadTps, beyondBy: status, isSecondTry: false };
    case "generator-limited":
      if (!state.isSecondTry) return { ...state, isSecondTry: true };
      return { ...state, beyondTps: loadTps, beyondBy: status, isSecondTry: false };
    case "invalid":
      return state.isSecondTry ? { ...state, isStuck: true } : { ...state, isSecondTry: true };
  }
}

/** The geometric mean, in three digits where that is still between the two: nobody wants to read 1131.3708. */
function between(lowTps: number, highTps: number): number {
  const middle = Math.sqrt(lowTps * highTps);
  const readable = Number(middle.toPrecision(3));
  return readable > lowTps && readable < highTps ? readable : middle;
}
