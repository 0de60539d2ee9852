import type { SweepParameters } from "../../contracts/parameters.ts";
import type { SearchSettings } from "../../contracts/results/search.ts";
import { defaultSearch } from "../defaults.ts";
import type { ParameterName } from "../rules/rules.ts";
import type { GivenParameters, ParameterReader } from "./given.ts";

/** In a shorter window a backlog's growth does not show from where in a second the blocks happen to come. */
const shortestWindowSecs = 5;

/** Options that say on which terms a search is made. */
export const searchTermNames = [
  "searchFrom",
  "searchTo",
  "searchPrecision",
  "searchEfficiency",
  "searchLatency",
  "searchBacklog",
] as const satisfies readonly ParameterName[];

/** The terms of a search; undefined where none is asked for. */
export function readSearch(reader: ParameterReader): SearchSettings | undefined {
  const { given, take, refuse, contradict } = reader;
  const usual = defaultSearch;
  const ratio = (name: "searchPrecision" | "searchEfficiency" | "searchBacklog", fallback: number) =>
    take(name, fallback * 100) / 100;
  const options = {
    fromTps: take("searchFrom", usual.fromTps),
    toTps: take("searchTo", usual.toTps),
    precisionRatio: ratio("searchPrecision", usual.precisionRatio),
    efficiencyRatio: ratio("searchEfficiency", usual.efficiencyRatio),
    latencyMs: take("searchLatency", undefined),
    backlogGrowthRatio: ratio("searchBacklog", usual.backlogGrowthRatio),
  };
  if (!take("search", false)) {
    for (const name of searchTermNames) {
      const term = given[name];
      if (term !== undefined) contradict(term, "there is no search. Add --search");
    }
    return undefined;
  }
  if (options.fromTps > options.toTps) {
    const why = `a search from ${options.fromTps} to ${options.toTps} tx/s is empty. Use a --search-from below --search-to.`;
    refuse(given.searchFrom ?? given.searchTo ?? "searchFrom", why);
  }
  return options;
}

/** What else was given and does not go together with a search. */
export function checkSearch(
  { networkType, search, runs, numTransactions, durationSecs, keepNetwork }: SweepParameters,
  { given, refuse, contradict }: ParameterReader,
): void {
  if (search === undefined) return;
  const loads = [given.loads, networkType === "remote" ? given.remoteLoads : given.localLoads];
  for (const list of loads.filter((one) => one !== undefined)) {
    contradict(list, "a search chooses its own loads. Set their range with --search-from and --search-to");
  }
  if (given.runs !== undefined && runs > 1) {
    const why = `a search runs each load once. To repeat the load it finds, use --loads and --runs ${runs}`;
    contradict(given.runs, why);
  }
  if (given.numTransactions !== undefined && numTransactions !== undefined) {
    const why = "with a fixed number of transactions, windows would shrink as the load grows. Use --duration";
    contradict(given.numTransactions, why);
  }
  if (given.keepNetwork !== undefined && keepNetwork) {
    const why =
      "on a shared network, each probe would begin with the backlog of the one before. Use --no-keep-network";
    contradict(given.keepNetwork, why);
  }
  if (durationSecs < shortestWindowSecs) {
    const why = `${durationSecs} s is too short to see whether the backlog grows. Use at least ${shortestWindowSecs} s for a search.`;
    refuse("duration", why, "invalid-value");
  }
}

/** Two networks are compared at the same loads. @returns what was given besides a search */
export function refuseSearch({ given, take, refuse }: ParameterReader): GivenParameters {
  if (!take("search", false)) return given;
  const why =
    "two searches end at different loads, which cannot be compared. Search each network by itself, then compare them at the same --loads.";
  refuse("search", why);
  const names: readonly string[] = ["search", ...searchTermNames];
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));
}
