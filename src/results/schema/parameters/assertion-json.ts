/** The published form of what a sweep was held to. */

import type { AssertionOutcome } from "../../../contracts/results/assertion.ts";
import { formatAssertion, unitOf } from "../../../options/rules/assertion.ts";
import { boundJson, present, rounded } from "../numbers.ts";

/** @throws InvalidArgumentError where a number is not finite */
function assertionJson(outcome: AssertionOutcome) {
  return present({
    assertion: formatAssertion(outcome.assertion),
    load: outcome.loadTps,
    unit: unitOf(outcome.assertion.metric) || "transactions",
    ...boundJson("value", outcome.value),
    ...boundJson("baseline", outcome.baseline),
    limit: outcome.limit === undefined ? undefined : rounded(outcome.limit),
    passed: outcome.passed,
    reason: outcome.reason,
  });
}

/** By load; undefined where there were none. */
export function assertionsJson(assertions: readonly AssertionOutcome[] = []) {
  return assertions.length === 0 ? undefined : assertions.map(assertionJson);
}
