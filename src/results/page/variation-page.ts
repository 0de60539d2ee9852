import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import type { Variation } from "../../contracts/results/variation.ts";
import { resourceCharts } from "../charts/data/resource-charts.ts";
import { type MeasuredVariation, resultCharts } from "../charts/data/variation-charts.ts";
import { type Drawing, openDrawing } from "../charts/draw/draw.ts";
import { compareResources } from "../charts/resources.ts";
import { measuredPoints, variationRows } from "../charts/variation.ts";
import { describeRuns } from "../report/documents/reported-sweep.ts";
import { heldColumns, heldReasons, heldTitle } from "../report/tables/held-points.ts";
import {
  resourceColumns,
  resourceRows,
  slopeColumns,
  slopeNote,
  slopeRows,
} from "../report/tables/resource-table.ts";
import { variationColumns } from "../report/tables/variation-table.ts";
import type { MeasuredSummary } from "../schema/summary.ts";
import { figures } from "./figure.ts";
import { type Html, html } from "./html.ts";
import { pageText } from "./page.ts";
import { labelLine, trustIn } from "./sweep-page.ts";
import { htmlTable } from "./table.ts";

/** What was varied, and what was measured of it. */
export interface VariationView {
  readonly variation: Variation;
  /** Name of its folder. */
  readonly name: string;
  /** By the name of a point's bundle; those that came to no end may lack. */
  readonly summaries: ReadonlyMap<string, MeasuredSummary>;
  /** The page stands in the folder of the points, so that links lead to theirs. */
  readonly isBesidePoints: boolean;
}

/** What the charts of a variation are made of. */
export function measuredVariation({
  variation,
  summaries,
}: Pick<VariationView, "variation" | "summaries">): MeasuredVariation {
  const { options } = variation;
  const points = measuredPoints(variation, summaries);
  return {
    options,
    rows: variationRows(points),
    resources: compareResources(options, points),
    searched: [...summaries.values()].some((summary) => "search" in summary && summary.search !== undefined),
  };
}

function resourceSection(drawing: Drawing, { resources }: MeasuredVariation): Html | undefined {
  if (resources.length === 0) return undefined;
  return html`<section><h2>Resources</h2>${figures(drawing, resourceCharts(resources))}
${htmlTable(resourceColumns(resources), resourceRows(resources))}
<p class="note">Means per node over runs, without invalid runs.</p>
${htmlTable(slopeColumns(resources), slopeRows(resources))}
<p class="note">${slopeNote}</p></section>`;
}

function heldSection(variation: Variation): Html | undefined {
  const { assertions } = variation;
  if (assertions.length === 0) return undefined;
  const reasons = heldReasons(variation).map((reason) => html`<p class="note">${reason}</p>`);
  return html`<section><h2>${heldTitle(variation)}</h2>${htmlTable(heldColumns, assertions)}${reasons}</section>`;
}

/** The page of sweeps that differ in what was varied: a line or a heat map over it, and a row for each point. */
export async function variationPage(view: VariationView): Promise<string> {
  const { variation, name, summaries, isBesidePoints } = view;
  const { options, points } = variation;
  const measured = measuredVariation(view);
  const drawing = await openDrawing();
  const names = options.map((option) => option.name);
  const title = `${names.join(" and ")} varied`;
  const trusts = [...summaries.values()].map(trustIn);
  const left = points.filter(({ bundle }) => !summaries.has(bundle));
  const isHeld = variation.assertions.every(({ passed }) => passed);
  const worst =
    left.length > 0 || !isHeld || trusts.includes("bad") ? "bad" : trusts.includes("warn") ? "warn" : "good";
  const runs = [...summaries.values()].flatMap((summary): readonly MeasuredRun[] => summary.runs);
  return pageText(
    `${title}: ${name}`,
    html`<header><h1>${title}</h1><p class="lead">${name}</p>${labelLine({ ...variation })}</header>
<section class="verdict ${worst}"><strong>${describeRuns(runs)}</strong>
${left.length === 0 ? undefined : html`<p>${left.length} of ${points.length} points were not measured to their end: ${left.map(({ bundle }) => bundle).join("; ")}</p>`}</section>
<section><h2>Results</h2>${figures(drawing, resultCharts(measured))}
${htmlTable(variationColumns(names), measured.rows)}
<p class="note">Means over runs, ± half the width of their 95 % confidence interval, without invalid runs.</p></section>
${heldSection(variation)}
${resourceSection(drawing, measured)}
${isBesidePoints ? html`<section><h2>Points</h2><ul>${points.filter(({ bundle }) => summaries.has(bundle)).map(({ bundle }) => html`<li><a href="./${encodeURIComponent(bundle)}/report.html">${bundle}</a></li>`)}</ul></section>` : undefined}
<footer class="note"><p>Every figure on this page stands in the bundles of the points, rounded for reading. variation.json says which point is where.</p></footer>`,
  );
}
