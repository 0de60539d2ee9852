import type { LoadProfile } from "../../contracts/load/load-profile.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { knownLoadsTps } from "../../load/level/phases.ts";
import { countPieces, mostPieces } from "../../load/timeline/profile.ts";
import { defaultParameters } from "../parameters.ts";
import type { PhasesFile } from "../rules/phases-file.ts";
import { highestLevel } from "../rules/profile-text.ts";
import { formatCount, type Given } from "../rules/rule.ts";
import type { GivenParameters, ParameterReader } from "./given.ts";

/** What a run's offered load follows from, but for the loads themselves. */
export interface LoadShape extends Pick<SweepParameters, "profile" | "durationSecs"> {
  /** Transactions in flight that a closed loop is run with, one run each, in place of loads. */
  readonly inFlight?: readonly number[] | undefined;
}

/** Reads profile, phases and duration. */
export function readLoadShape({ given, take, contradict }: ParameterReader): LoadShape {
  const steady: { readonly profile: LoadProfile; readonly inFlight?: undefined } = {
    profile: defaultParameters.profile,
  };
  const found = take("profile", steady);
  const phases = take("phases", undefined);
  const durationSecs = take("duration", defaultParameters.durationSecs);
  if (given.profile !== undefined && given.phases !== undefined) {
    contradict(given.phases, "phases have their own profiles. Use either --phases or --profile");
  }
  const { profile, inFlight } = found;
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
    contradict(
      duration.given,
      `the phases in ${path} last ${formatCount(sumSecs)} s, not ${formatCount(durationSecs)} s. Make them match, use shares`,
    );
  }
  return { profile: { kind: "phases", phases }, durationSecs: sumSecs };
}

/** Profiles that have no seconds of their own, and so segment with a window whose length follows from the load. */
const stretching: ReadonlySet<LoadProfile["kind"]> = new Set(["constant", "ramp", "steps"]);

/** Whether a closed loop is asked for by "closed:64", which stands in place of loads. */
export const namesInFlight = ({ profile }: GivenParameters) =>
  typeof profile?.value === "string" && profile.value.startsWith("closed:");

/** What else was given and does not go together with the profile. */
export function checkLoadShape(
  parameters: SweepParameters,
  { given, diagnostics, contradict }: ParameterReader,
): void {
  const { profile, search, numTransactions, arrival } = parameters;
  const name = given.phases ?? given.profile;
  if (name === undefined) return;
  if (given.numTransactions !== undefined && numTransactions !== undefined && !stretching.has(profile.kind)) {
    contradict(
      given.numTransactions,
      `the time for a number of transactions is unknown with ${name.name}. Use --duration`,
    );
  }
  if (search !== undefined && profile.kind !== "constant") {
    const why = "a search measures constant loads. Measure the profile by itself";
    contradict(name, why);
  }
  if (profile.kind !== "closed") {
    checkRates(name, parameters, diagnostics);
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

function checkRates(name: Given, parameters: SweepParameters, diagnostics: Diagnostic[]): void {
  const { profile, durationSecs } = parameters;
  const pieces = countPieces(profile, durationSecs);
  const refuse = (reason: string) => {
    diagnostics.push({ code: "invalid-value", message: `${name.name}: ${reason}` });
  };
  if (pieces > mostPieces) {
    refuse(
      `it has ${formatCount(pieces)} pieces in ${formatCount(durationSecs)} s, more than the maximum of ${formatCount(mostPieces)}. Use longer ones.`,
    );
    return;
  }
  const mostTps = 1_000_000;
  for (const loadTps of new Set(knownLoadsTps(parameters))) {
    const highest = highestLevel(profile) * loadTps;
    if (highest > mostTps) {
      refuse(
        `it reaches ${formatCount(highest)} tx/s at a load of ${loadTps} tx/s, more than the maximum of ${formatCount(mostTps)}. Use a lower level or a lower load.`,
      );
    }
  }
}
