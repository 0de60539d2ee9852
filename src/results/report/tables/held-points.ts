/** Points of a variation that were held against one of them, for people. */
import type { HeldPoint, Variation } from "../../../contracts/results/variation.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatAsked, formatFigure, nothingSeen, seen } from "../text/figures.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

export const heldColumns: readonly Column<HeldPoint>[] = [
  left("Point", ({ bundle }) => formatForeign(bundle)),
  right("Load", ({ loadTps }) => formatAsked(loadTps)),
  left("Assertion", ({ assertion }) => assertion),
  right("Baseline", ({ baseline }) => seen(baseline, formatFigure)),
  right("Value", ({ value }) => seen(value, formatFigure)),
  right("Ratio", ({ ratio }) => seen(ratio, (found) => found.toFixed(3))),
  right("95 % interval", ({ confidence }) =>
    confidence === undefined ? nothingSeen : `${confidence.low.toFixed(3)} to ${confidence.high.toFixed(3)}`,
  ),
  left("", ({ passed }) => (passed ? "passed" : "FAILED")),
];

export const heldTitle = ({ baseline = "" }: Pick<Variation, "baseline">) =>
  `Against ${formatForeign(baseline)}`;

/** Why those failed whose figures do not say it. */
export const heldReasons = ({ assertions }: Pick<Variation, "assertions">): readonly string[] =>
  assertions.flatMap(({ bundle, loadTps, assertion, reason }) =>
    reason === undefined
      ? []
      : [`${formatForeign(bundle)} at ${formatAsked(loadTps)}, ${assertion}: ${formatForeign(reason)}`],
  );

/** Lines, the first one empty; none where nothing was held. */
export function formatHeldPoints(variation: Pick<Variation, "baseline" | "assertions">): readonly string[] {
  const { assertions } = variation;
  if (assertions.length === 0) return [];
  const failed = assertions.filter(({ passed }) => !passed).length;
  return [
    "",
    `${heldTitle(variation)}:`,
    formatTable(heldColumns, assertions),
    ...heldReasons(variation),
    failed === 0
      ? "All points are within their limits."
      : `${failed} of ${assertions.length} are not within their limits.`,
  ];
}
