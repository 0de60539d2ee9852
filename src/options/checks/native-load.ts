/** What a sweep cannot be asked for where the nodes make the load themselves. Pure. */

import type { ProtocolLimits } from "../../contracts/protocol-choice.ts";
import { type AssertedStatistic, type Assertion, assertedCounts } from "../../contracts/results/assertion.ts";
import type { ParameterName } from "../rules/rules.ts";
import type { ParameterReader } from "./given.ts";
import { searchTermNames } from "./search.ts";

/** Options of loads of our own that hold for peers too: they receive the seed, and the run waits for what is late. */
const ofPeers = { messages: ["seed", "drain"], routines: ["drain"], flows: ["seed", "drain"] } as const;

/** Why not, and the options that it holds for. */
const reasons: readonly (readonly [reason: string, names: readonly ParameterName[]])[] = [
  [
    "nothing is sent to them, so it does not apply to any client",
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
  ["they keep one rate for the whole run", ["profile", "phases"]],
  ["each load needs its own network, because nodes learn the load when they start", ["keepNetwork"]],
  ["the share of crashed nodes is unknown", ["faults", "crashRecovery", "crashInterval"]],
  ["this version measures only given loads", ["search", ...searchTermNames]],
];

type PeerLimits = Pick<ProtocolLimits, "messages" | "routines" | "flows">;

/** Each by its name; a switch that is off says nothing. */
export function refuseForNativeLoad({ given, refuse }: ParameterReader, limits: PeerLimits): void {
  const kept = Object.entries(ofPeers).flatMap(([load, names]): readonly ParameterName[] =>
    limits[load as keyof typeof ofPeers] === undefined ? [] : names,
  );
  for (const [reason, names] of reasons) {
    for (const name of names) {
      if (kept.includes(name)) continue;
      const one = given[name];
      if (one === undefined || one.value === false || one.value === "false") continue;
      refuse(one, `the nodes generate the load themselves, and ${reason}. Remove it.`, "native-load");
    }
  }
}

const quantiles: readonly AssertedStatistic[] = ["p50", "p90", "p95", "p99", "p999"];

/** Why nobody can know whether it holds where the nodes make the load, and what there is instead; undefined: one can. */
export function refuseNativeAssertion(
  { metric, relative }: Assertion,
  { messages, routines, flows }: PeerLimits,
): string | undefined {
  if (metric === "throughput" || metric === "leaking_nodes") return undefined;
  const isOfMessages = [messages, routines, flows].some((load) => load !== undefined);
  if (isOfMessages && metric === "success_rate") return undefined;
  if (metric === "goodput" && flows !== undefined) return undefined;
  if (metric === "goodput") return "only flows through a network under test have a goodput. Use throughput";
  if (assertedCounts.some((count) => count === metric)) {
    return `${isOfMessages ? "messages are not offered by clients" : "single transactions are not followed"}. Use throughput`;
  }
  const [kind, statistic] = metric.split(".");
  if (kind === "lateness") return "Baleen's clients send nothing that could be late. Remove it";
  if (kind !== "latency") {
    return `they report only one latency, which they define themselves. Use latency.${statistic}`;
  }
  if (isOfMessages) return undefined;
  if (statistic === "min" || statistic === "max") {
    return `buckets do not hold the ${statistic === "min" ? "smallest" : "largest"} value. Use latency.mean, or one of latency.${quantiles.join(", latency.")}`;
  }
  if (relative && quantiles.some((quantile) => quantile === statistic)) {
    return "only the bucket of a quantile is known, so no change can be measured. Use latency.mean, or a limit in ms";
  }
  return undefined;
}

/** Two sweeps of which one could not be held against the other. */
export function refuseBothForNativeLoad({ refuse }: ParameterReader): void {
  const why = `the nodes generate the load themselves, and "both" requires Baleen's clients. Run local and remote one after the other, and compare their bundles with: baleen compare A B`;
  refuse("networkType", why, "native-load");
}
