import type { Assertion } from "../contracts/assertion.ts";
import { formatAssertion } from "./assertion.ts";
import type { GivenParameters } from "./check.ts";
import { defaultParameters, type SweepParameters } from "./parameters.ts";
import type { Reader } from "./rule.ts";
import { rules } from "./rules.ts";

/**
 * What a sweep is held to. An assertion must name a load that is run, and a change needs what it is measured from.
 *
 * @param loadsTps undefined in a search, which drives loads that are not meant to be sustained
 */
export function readAssertions(
  given: GivenParameters,
  loadsTps: readonly number[] | undefined,
  { read, faults }: Reader,
): Pick<SweepParameters, "assertions" | "baseline"> {
  const assertions: readonly Assertion[] = read(rules.assert, given.assert, defaultParameters.assertions);
  const baseline = read(rules.baseline, given.baseline, undefined);
  const name = given.assert?.name ?? "assert";
  if (loadsTps === undefined) {
    if (assertions.length > 0) {
      const message = `${name}: a search drives loads that the network cannot sustain, so it is held to nothing. Assert a sweep of the load that was found.`;
      faults.push({ code: "contradiction", message });
    }
    return { assertions: [], baseline };
  }
  for (const assertion of assertions) {
    const { loadTps, relative } = assertion;
    const text = `"${formatAssertion(assertion)}"`;
    if (loadTps !== undefined && !loadsTps.includes(loadTps)) {
      const message = `${name}: ${text} is about ${loadTps} tx/s, and the loads are ${loadsTps.join(", ")}. Name one of them, or leave @${loadTps} out.`;
      faults.push({ code: "invalid-value", message });
    }
    if (relative && given.baseline === undefined) {
      const message = `${name}: ${text} is about a change, and there is nothing to measure it from. Give --baseline BUNDLE, or a value without a sign.`;
      faults.push({ code: "missing-value", message });
    }
  }
  return { assertions, baseline };
}
