import type { AssertedMetric, AssertionOutcome } from "../../../contracts/results/assertion.ts";
import type { BoundedValue } from "../../../contracts/results/bounded.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { formatAssertion, unitOf } from "../../../options/rules/assertion.ts";
import { formatAsked, formatBound, nothingSeen } from "../text/figures.ts";
import { loadHead, nameLoad } from "../text/load.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

/** All but what came of each. @param load head of the loads @param show how an assertion looks */
export function assertionColumns(
  outcomes: readonly AssertionOutcome[],
  load: string,
  show = (text: string) => text,
): readonly Column<AssertionOutcome>[] {
  const withBaseline = outcomes.some(({ assertion }) => assertion.relative);
  const asserted = (head: string, of: "baseline" | "value") =>
    right<AssertionOutcome>(head, (outcome) => formatAsserted(outcome.assertion.metric, outcome[of]));
  return [
    right(load, ({ loadTps }) => formatAsked(loadTps)),
    left("Assertion", ({ assertion }) => show(formatAssertion(assertion))),
    ...(withBaseline ? [asserted("Baseline", "baseline")] : []),
    asserted("Value", "value"),
    right("Limit", formatLimit),
  ];
}

/** A value, a baseline or a limit as people read it: 239.047 ms. All published digits: it is compared. */
export function formatAsserted(metric: AssertedMetric, found: BoundedValue | undefined): string {
  if (found === undefined) return nothingSeen;
  const unit = unitOf(metric);
  const shownUnit = unit === "" ? "" : ` ${unit}`;
  return `${formatBound(found, formatAsked)}${shownUnit}`;
}

export function formatLimit({ assertion, limit }: AssertionOutcome): string {
  return formatAsserted(assertion.metric, limit === undefined ? undefined : { value: limit, atLeast: false });
}

/** Why those failed whose figures do not say it. */
function reasonLine(
  { assertion, loadTps, reason }: AssertionOutcome,
  runs: readonly MeasuredRun[],
): string[] {
  if (reason === undefined) return [];
  return [`${formatAssertion(assertion)} at ${nameLoad(loadTps, runs)}: ${reason}`];
}

/** "all 3 assertions hold", or how many do not. */
export function countAssertions(outcomes: readonly AssertionOutcome[]): string {
  const failed = outcomes.filter(({ passed }) => !passed).length;
  const all = outcomes.length;
  if (failed > 0) return `${failed} of ${all} ${all === 1 ? "assertion" : "assertions"} failed`;
  return all === 1 ? "the assertion holds" : `all ${all} assertions hold`;
}

/** Everything that was asserted of these runs, and what came of it. Ends without a line break. */
export function formatAssertions(
  outcomes: readonly AssertionOutcome[],
  runs: readonly MeasuredRun[],
): string {
  const columns = [
    ...assertionColumns(outcomes, `  ${loadHead(runs).join("\n")}`),
    left<AssertionOutcome>("", ({ passed }) => (passed ? "passed" : "FAILED")),
  ];
  const table = formatTable(columns, outcomes);
  return ["ASSERTIONS", table, ...outcomes.flatMap((outcome) => reasonLine(outcome, runs))].join("\n");
}
