import type { SweepParameters } from "../../contracts/parameters.ts";
import { meanLevel } from "../timeline/profile.ts";

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
  {
    durationSecs,
    numTransactions,
    profile,
  }: Pick<SweepParameters, "durationSecs" | "numTransactions" | "profile">,
): number {
  return numTransactions === undefined ? durationSecs : numTransactions / (loadTps * meanLevel(profile));
}
