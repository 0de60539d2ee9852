import type { LoadProfile } from "../../contracts/load/load-profile.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import { knownLoadsTps } from "../../load/level/phases.ts";
import { countPieces, mostPieces } from "../../load/timeline/profile.ts";
import { defaultParameters } from "../defaults.ts";
import type { PhasesFile } from "../rules/phases-file.ts";
import type { ReadProfile } from "../rules/profile.ts";
import { highestLevel } from "../rules/profile-text.ts";
import { formatCount, type Given } from "../rules/rule.ts";
import type { GivenParameters, ParameterReader } from "./given.ts";

/** What a run's offered load follows from, but for the loads themselves. */
interface LoadShape extends ReadProfile, Pick<SweepParameters, "durationSecs"> {}

export function readLoadShape({ given, take, contradict }: ParameterReader): LoadShape {
  const steady: ReadProfile = { profile: defaultParameters.profile };
  const { profile, inFlight } = take("profile", steady);
  const phases = take("phases", undefined);
  const durationSecs = take("duration", defaultParameters.durationSecs);
  if (given.profile !== undefined && given.phases !== undefined) {
    contradict(given.phases, "phases have their own profiles. Use either --phases or --profile");
  }
  // As phases of its own it was read from a bundle, or given by a program.
  const own = profile.kind === "phases" ? { path: "profile", areShares: false, ...profile } : undefined;
  const file = phases ?? own;
  if (file === undefined) return { profile, durationSecs, inFlight };
  return shapeOf(file, { given: given.duration, durationSecs }, contradict);
}

/** The window is as long as its phases; or phases have their shares of the window. */
function shapeOf(
  { path, phases, areShares }: PhasesFile,
  duration: { readonly given: Given | undefined; readonly durationSecs: number },
  contradict: ParameterReader["contradict"],
): LoadShape {
  const { durationSecs } = duration;
  if (areShares) {
    const scaled = phases.map((phase) => ({
      ...phase,
      durationSecs: Number((phase.durationSecs * durationSecs).toPrecision(12)),
    }));
    return { profile: { kind: "phases", phases: scaled }, durationSecs };
  }
  // To the microsecond: what a sum of decimal fractions is off by is nobody's intention.
  const sumSecs = Number(phases.reduce((sum, phase) => sum + phase.durationSecs, 0).toFixed(6));
  if (duration.given !== undefined && Math.abs(sumSecs - durationSecs) > 1e-5) {
    const why = `the phases in ${path} last ${formatCount(sumSecs)} s, not ${formatCount(durationSecs)} s. Make them match, use shares`;
    contradict(duration.given, why);
  }
  return { profile: { kind: "phases", phases }, durationSecs: sumSecs };
}

/** Profiles that have no seconds of their own, and so segment with a window whose length follows from the load. */
const stretching: ReadonlySet<LoadProfile["kind"]> = new Set(["constant", "ramp", "steps"]);

/** Whether a closed loop is asked for by "closed:64", which stands in place of loads. */
export const namesInFlight = ({ profile }: GivenParameters) =>
  typeof profile?.value === "string" && profile.value.startsWith("closed:");

/** What else was given and does not go together with the profile. */
export function checkLoadShape(parameters: SweepParameters, reader: ParameterReader): void {
  const { given, contradict } = reader;
  const { profile, search, numTransactions, arrival } = parameters;
  const name = given.phases ?? given.profile;
  if (name === undefined) return;
  if (given.numTransactions !== undefined && numTransactions !== undefined && !stretching.has(profile.kind)) {
    const why = `the time for a number of transactions is unknown with ${name.name}. Use --duration`;
    contradict(given.numTransactions, why);
  }
  if (search !== undefined && profile.kind !== "constant") {
    contradict(name, "a search measures constant loads. Measure the profile by itself");
  }
  if (profile.kind !== "closed") {
    checkRates(name, parameters, reader);
    return;
  }
  for (const list of [given.loads, given.localLoads, given.remoteLoads]) {
    if (list !== undefined && namesInFlight(given)) {
      const why =
        "a closed loop has no load: each reply triggers the next request. Set the number in flight, as in closed:64";
      contradict(list, why);
    }
  }
  if (arrival !== "constant" && given.arrival !== undefined) {
    contradict(given.arrival, "a closed loop has no arrivals. Use an open profile");
  }
}

function checkRates(name: Given, parameters: SweepParameters, { refuse }: ParameterReader): void {
  const { profile, durationSecs } = parameters;
  const pieces = countPieces(profile, durationSecs);
  if (pieces > mostPieces) {
    const why = `it has ${formatCount(pieces)} pieces in ${formatCount(durationSecs)} s, more than the maximum of ${formatCount(mostPieces)}. Use longer ones.`;
    refuse(name, why, "invalid-value");
    return;
  }
  const mostTps = 1_000_000;
  for (const loadTps of new Set(knownLoadsTps(parameters))) {
    const highest = highestLevel(profile) * loadTps;
    if (highest <= mostTps) continue;
    const why = `it reaches ${formatCount(highest)} tx/s at a load of ${loadTps} tx/s, more than the maximum of ${formatCount(mostTps)}. Use a lower level or a lower load.`;
    refuse(name, why, "invalid-value");
  }
}
