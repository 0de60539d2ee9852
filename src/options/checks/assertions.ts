import { resolve } from "node:path";
import { loadKindOf, loadUnits } from "../../contracts/load/load-profile.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { ProtocolLimits } from "../../contracts/protocol-choice.ts";
import type { Assertion } from "../../contracts/results/assertion.ts";
import { defaultParameters } from "../defaults.ts";
import { formatAssertion, readEach } from "../rules/assertion.ts";
import type { ParameterReader } from "./given.ts";
import { refuseNativeAssertion } from "./native-load.ts";

/** What a sweep is held to. An assertion must name a load that is run, and a change needs what it is measured from. */
export function readAssertions(
  sweep: Pick<SweepParameters, "protocol" | "loadsTps" | "profile" | "search">,
  { given, take, diagnostics, refuse }: ParameterReader,
  limits: Pick<ProtocolLimits, "messages" | "routines" | "flows">,
): Pick<SweepParameters, "assertions" | "baseline"> {
  const { assertions, diagnostics: wrong } =
    given.assert === undefined ? { ...defaultParameters, diagnostics: [] } : readEach(given.assert);
  diagnostics.push(...wrong);
  const path = take("baseline", undefined);
  // The bundle keeps it, and is read from other folders too.
  const baseline = path === undefined ? undefined : resolve(path);
  for (const assertion of assertions) {
    const text = `"${formatAssertion(assertion)}"`;
    const problems = sweep.search === undefined ? ofLoads(assertion, sweep) : ofSearch(assertion);
    for (const problem of problems) refuse("assert", `${text} is about ${problem}`, "invalid-value");
    const unknowable = sweep.protocol.native ? refuseNativeAssertion(assertion, limits) : undefined;
    if (unknowable !== undefined) {
      const why = `${text} cannot be measured: the nodes of ${sweep.protocol.name} generate the load themselves, and ${unknowable}.`;
      refuse("assert", why, "native-load");
    }
    if (!sweep.protocol.native && assertion.metric === "goodput") {
      const why = `${text} is about flows through a network under test, which ${sweep.protocol.name} does not have. Use throughput.`;
      refuse("assert", why, "invalid-value");
    }
    if (!sweep.protocol.native && !sweep.protocol.observesCommits && assertion.metric.startsWith("commit")) {
      const why = `${text} is about commits, and those of ${sweep.protocol.name} are not observed. Use the latency of replies: response.p99 instead of commit.p99.`;
      refuse("assert", why, "invalid-value");
    }
    if (assertion.relative && given.baseline === undefined) {
      const why = `${text} is about a change, and there is no baseline. Give --baseline BUNDLE, or a value without a sign.`;
      refuse("assert", why, "missing-value");
    }
  }
  return { assertions, baseline };
}

function ofLoads(
  { loadTps }: Assertion,
  { loadsTps, profile }: Pick<SweepParameters, "loadsTps" | "profile">,
): string[] {
  if (loadTps === undefined || loadsTps.includes(loadTps)) return [];
  return [
    `${loadTps} ${loadUnits[loadKindOf(profile)]}, and the loads are ${loadsTps.join(", ")}. Name one of them, or remove @${loadTps}.`,
  ];
}

/** In a search an assertion is about the highest sustained load, which is not known before. */
function ofSearch({ loadTps, relative }: Assertion): string[] {
  return [
    ...(loadTps === undefined
      ? []
      : [`${loadTps} tx/s, but for a search it applies to the highest load found. Remove @${loadTps}.`]),
    ...(relative
      ? ["a change, but the baseline may lack the load that a search finds. Use a value without a sign."]
      : []),
  ];
}
