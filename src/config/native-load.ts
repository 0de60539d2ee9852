/** What a sweep cannot be asked for where the nodes make the load themselves. Pure. */
import type { GivenParameters } from "./check.ts";
import type { Reader } from "./rule.ts";
import type { ParameterName } from "./rules.ts";

/** Why not, and the options that it holds for. */
const reasons: readonly (readonly [reason: string, names: readonly ParameterName[]])[] = [
  [
    "nothing is sent to them, so there is no client that it could be about",
    [
      "transport",
      "inFlightPerConnection",
      "batchSize",
      "maxInFlight",
      "queueLimit",
      "requestTimeout",
      "arrival",
      "clients",
      "clientPlacement",
      "pacing",
      "seed",
      "drain",
      "failover",
      "latenessFloorMs",
      "latenessRatio",
    ],
  ],
  ["they keep to one rate for all of a run", ["profile", "phases"]],
  ["each load has a network of its own, whose nodes are told of it when they start", ["keepNetwork"]],
  ["what of it crashed nodes would have made is not known", ["faults", "crashRecovery", "crashInterval"]],
  [
    "this version measures given loads alone",
    [
      "search",
      "searchFrom",
      "searchTo",
      "searchPrecision",
      "searchEfficiency",
      "searchLatency",
      "searchBacklog",
    ],
  ],
  ["this version does not hold what nodes counted to anything", ["assert", "baseline"]],
  [
    "this version does not watch the machines meanwhile",
    ["strictEnvironment", "backgroundLimit", "stealLimit", "memoryPressureLimit", "disturbedLimit"],
  ],
];

/** Each by its name; a switch that is off says nothing. */
export function refuseForNativeLoad(given: GivenParameters, { faults }: Pick<Reader, "faults">): void {
  for (const [reason, names] of reasons) {
    for (const name of names) {
      const one = given[name];
      if (one === undefined || one.value === false || one.value === "false") continue;
      const message = `${one.name}: the nodes make the load themselves, and ${reason}. Leave it out.`;
      faults.push({ code: "native-load", message });
    }
  }
}

/** Two sweeps of which one could not be held against the other. */
export function refuseBothForNativeLoad(
  { networkType }: GivenParameters,
  { faults }: Pick<Reader, "faults">,
) {
  const message = `${networkType?.name ?? "networkType"}: "both" compares two sweeps, and this version does not compare what nodes counted of their own load. Give local or remote.`;
  faults.push({ code: "native-load", message });
}
