import type { AssertionOutcome } from "../../../contracts/results/assertion.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { type AssertedTarget, judgeAssertion, noLimit } from "../../analysis/assertions/assertions.ts";
import type { Fields } from "../../schema/fields.ts";
import type { FileFindings } from "./findings.ts";

/** Half the last of three published decimals, and what binary fractions add to it. */
const roundingError = 0.000_501;

interface Reported {
  readonly runs: readonly MeasuredRun[];
  /** Among the assertions of the summary. */
  readonly index: number;
  readonly found: FileFindings;
}

/**
 * An outcome that refers to a baseline, which is another bundle: what that measured is taken from the summary. The limit
 * follows from it, and whether the assertion holds from limit and runs.
 */
export function withBaseline(
  { assertion, loadTps }: AssertionOutcome,
  reported: Fields,
  { runs, index, found }: Reported,
): AssertionOutcome {
  const load = { loadTps, runs: runs.filter((run) => run.parameters.loadTps === loadTps) };
  const target = reportedTarget(reported);
  const { baseline, limit } = target;
  if (baseline !== undefined && !baseline.atLeast) {
    const factor = 1 + assertion.amount / 100;
    const follows = baseline.value * factor;
    const isNear = limit !== undefined && Math.abs(follows - limit) <= roundingError * (1 + Math.abs(factor));
    found.holds(`assertions[${index}].limit`, limit, isNear, `about ${follows}`);
  }
  // The limit that the sweep was held to had more digits than the one that is published.
  const possible =
    limit === undefined
      ? [target]
      : [0, -roundingError, roundingError].map((error) => ({ baseline, limit: limit + error }));
  const outcomes = possible.map((one) => ({ ...judgeAssertion(assertion, load, one), limit }));
  const [passed, reason] = [reported.flag("passed"), reported.textIfAny("reason")];
  const asReported = outcomes.find((outcome) => outcome.passed === passed && outcome.reason === reason);
  const outcome = asReported ?? outcomes[0];
  if (outcome === undefined) throw new TypeError("no outcome was possible");
  return outcome;
}

/** Only a baseline that was measured gives a limit; else the reason says why there is none. */
function reportedTarget(reported: Fields): AssertedTarget {
  const value = reported.numberIfAny("baseline");
  if (value !== undefined) {
    const reason = reported.has("limit") ? undefined : "a limit is missing";
    return { baseline: { value, atLeast: false }, limit: reported.numberIfAny("limit"), reason };
  }
  const bound = reported.numberIfAny("baseline_at_least");
  const baseline = bound === undefined ? undefined : { value: bound, atLeast: true };
  const reason = reported.textIfAny("reason") ?? "";
  return {
    baseline,
    reason: reason.startsWith(noLimit) ? reason.slice(noLimit.length) : "no reason is reported",
  };
}
