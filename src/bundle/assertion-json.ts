/** The published form of what a sweep was held to. */
import { formatAssertion } from "../config/assertion.ts";
import type { AssertedMetric, AssertedValue, AssertionOutcome } from "../contracts/assertion.ts";
import { present, rounded } from "./numbers.ts";

/** In which value, limit and baseline of a metric are published. */
export function publishedUnit(metric: AssertedMetric): "tx/s" | "%" | "ms" | "transactions" {
  if (metric === "throughput") return "tx/s";
  if (metric === "failed") return "transactions";
  return metric === "efficiency" || metric === "success_rate" ? "%" : "ms";
}

function valueJson(name: "value" | "baseline", found: AssertedValue | undefined): Record<string, number> {
  if (found === undefined) return {};
  return { [found.atLeast ? `${name}_at_least` : name]: rounded(found.value) };
}

/** @throws InvalidArgumentError where a number is not finite */
export function assertionJson(outcome: AssertionOutcome) {
  return present({
    assertion: formatAssertion(outcome.assertion),
    load: outcome.loadTps,
    unit: publishedUnit(outcome.assertion.metric),
    ...valueJson("value", outcome.value),
    ...valueJson("baseline", outcome.baseline),
    limit: outcome.limit === undefined ? undefined : rounded(outcome.limit),
    passed: outcome.passed,
    reason: outcome.reason,
  });
}
