/** The published form of what a sweep was held to. */
import { formatAssertion, unitOf } from "../config/assertion.ts";
import type { AssertedValue, AssertionOutcome } from "../contracts/assertion.ts";
import { present, rounded } from "./numbers.ts";

function valueJson(name: "value" | "baseline", found: AssertedValue | undefined): Record<string, number> {
  if (found === undefined) return {};
  return { [found.atLeast ? `${name}_at_least` : name]: rounded(found.value) };
}

/** @throws InvalidArgumentError where a number is not finite */
export function assertionJson(outcome: AssertionOutcome) {
  return present({
    assertion: formatAssertion(outcome.assertion),
    load: outcome.loadTps,
    unit: unitOf(outcome.assertion.metric) || "transactions",
    ...valueJson("value", outcome.value),
    ...valueJson("baseline", outcome.baseline),
    limit: outcome.limit === undefined ? undefined : rounded(outcome.limit),
    passed: outcome.passed,
    reason: outcome.reason,
  });
}
