import type { Fields } from "../bundle/fields.ts";
import type { AssertionOutcome } from "../contracts/assertion.ts";
import type { Findings } from "./findings.ts";

/** Limit and baseline are published to three decimals each. */
const roundingError = 0.002;

/**
 * An outcome that refers to a baseline, which is another bundle: what it says of that is taken from the summary, and
 * only its limit is held to it.
 */
export function withBaseline(
  outcome: AssertionOutcome,
  told: Fields,
  { index, findings }: { readonly index: number; readonly findings: Findings },
): AssertionOutcome {
  const atLeast = told.has("baseline_at_least");
  const value = told.numberIfAny(atLeast ? "baseline_at_least" : "baseline");
  const limit = told.numberIfAny("limit");
  if (value !== undefined && limit !== undefined) {
    const follows = value * (1 + outcome.assertion.amount / 100);
    findings.holds({ file: "summary.json", key: `assertions[${index}].limit` }, limit, {
      holds: Math.abs(follows - limit) <= roundingError,
      follows: `about ${follows}`,
    });
  }
  const { baseline: _, limit: __, reason: ___, ...known } = outcome;
  const reason = told.textIfAny("reason");
  return {
    ...known,
    ...(value === undefined ? {} : { baseline: { value, atLeast } }),
    ...(limit === undefined ? {} : { limit }),
    passed: told.flag("passed"),
    ...(reason === undefined ? {} : { reason }),
  };
}
