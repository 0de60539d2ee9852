import { join } from "node:path";
import type { Comparison } from "../../../contracts/results/comparison.ts";
import type { PairPart } from "../../../results/analysis/comparison/explain-links.ts";
import { buildComparisonJson } from "../../../results/bundle/comparison-files.ts";
import { formatComparison } from "../../../results/report/blocks/comparison.ts";
import { type CommandContext, printFound } from "../../terminal/context.ts";

/** The sweeps of both networks, side by side, and the one that explains their difference. */
export interface ShownPair {
  /** Absent where nothing is written. */
  readonly folder: string | undefined;
  /** Makes what `--json` shows of each that there is. */
  readonly documents: () => Readonly<Partial<Record<PairPart, object>>>;
  /** Absent where a side did not come to its end. */
  readonly comparison: Comparison | undefined;
  /** That one, if there is. */
  readonly incomplete: "local" | "remote";
}

/** Shows the comparison, or says why there is none; with --json the one document of all. */
export function printPair(
  { folder, documents, comparison, incomplete }: ShownPair,
  context: CommandContext,
): void {
  const document = () => ({
    schema: "baleen.both/1",
    bundle: folder,
    ...documents(),
    comparison: comparison && buildComparisonJson(comparison),
  });
  const written = folder === undefined ? "" : `\n\nComparison: ${join(folder, "comparison.txt")}`;
  const text =
    comparison === undefined
      ? `No comparison: the ${incomplete} sweep ended early, and an incomplete sweep cannot be compared.`
      : `${formatComparison(comparison)}${written}`;
  printFound(context, document, `\n${text}`);
}
