import { join } from "node:path";
import type { Variation } from "../../../contracts/results/variation.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { buildVariationJson, variationName } from "../../../results/bundle/parts.ts";
import { compareResources } from "../../../results/charts/resources.ts";
import { type MeasuredPoint, measuredPoints, variationRows } from "../../../results/charts/variation.ts";
import { formatHeldPoints } from "../../../results/report/tables/held-points.ts";
import { formatResources } from "../../../results/report/tables/resource-table.ts";
import { formatVariationTable } from "../../../results/report/tables/variation-table.ts";
import { type CommandContext, printFound } from "../../terminal/context.ts";

/** Sweeps that differ in what was varied, beside each other. */
export interface ShownVariation {
  readonly variation: Variation;
  /** Absent where nothing is written. */
  readonly folder: string | undefined;
  /** What was measured, by the name of a point's bundle. */
  readonly summaries: ReadonlyMap<string, NonNullable<MeasuredPoint["summary"]>>;
  /** Makes what `--json` shows of each that there is, by the same name. */
  readonly documents: () => Readonly<Record<string, object>>;
}

/** Shows a line for each load of each point; with --json the one document of all. */
export function printVariation(
  { variation, folder, summaries, documents }: ShownVariation,
  context: CommandContext,
): void {
  const { options, points } = variation;
  const document = () => {
    const { schema: _, ...published } = buildVariationJson(variation) as Readonly<Record<string, unknown>>;
    return { schema: "baleen.varied/1", bundle: folder, ...published, results: documents() };
  };
  const names = options.map(({ name }) => name);
  const measured = measuredPoints(variation, summaries);
  const rows = variationRows(measured);
  const left = points.filter(({ bundle }) => !summaries.has(bundle));
  const text = [
    `VARIED: ${formatForeign(names.join(", "))}`,
    formatVariationTable(names, rows),
    ...formatResources(compareResources(options, measured)),
    ...formatHeldPoints(variation),
    ...(left.length === 0
      ? []
      : [`${left.length} of ${points.length} points were not measured to their end.`]),
    ...(folder === undefined ? [] : ["", `Variation: ${formatForeign(join(folder, variationName))}`]),
  ].join("\n");
  printFound(context, document, `\n${text}`);
}
