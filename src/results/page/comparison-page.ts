import { basename } from "node:path";
import type { ComparedSide, Comparison } from "../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import {
  type ComparedRuns,
  comparedPacketCharts,
  keptCharts,
  loadCharts,
} from "../charts/data/comparison-charts.ts";
import { type Drawing, openDrawing } from "../charts/draw/draw.ts";
import {
  comparedFlowColumns,
  comparedFlowRows,
  keptNote,
  keptSentences,
  nameFlows,
} from "../report/blocks/compared-flows.ts";
import {
  nameRoutines,
  noDifference,
  overPeersNote,
  routineComparisonColumns,
  routineDifferences,
} from "../report/blocks/compared-routines.ts";
import { comparisonColumns, comparisonRows, nameComparedLoad } from "../report/blocks/comparison.ts";
import { describeRuns } from "../report/documents/reported-sweep.ts";
import { formatCountOf, formatPercent } from "../report/text/figures.ts";
import { left } from "../report/text/table.ts";
import { figures } from "./figure.ts";
import { type Html, html } from "./html.ts";
import { pageText } from "./page.ts";
import { reasonList, titled } from "./run-section.ts";
import { htmlList, htmlTable } from "./table.ts";

/** The page of a comparison: what it says of each load, then the figures side by side. */
export async function comparisonPage(comparison: Comparison, sides: ComparedRuns): Promise<string> {
  const { a, b, loads, routines, flows, differences, explained } = comparison;
  const drawing = await openDrawing();
  const title = `${nameOf(a)} compared with ${nameOf(b)}`;
  const differenceColumns = [
    left<(typeof differences)[number]>("Parameter", ({ name }) => name),
    left<(typeof differences)[number]>("A", (one) => one.a),
    left<(typeof differences)[number]>("B", (one) => one.b),
    left<(typeof differences)[number]>("Part of", ({ of }) => of),
  ];
  return pageText(
    title,
    html`<header><h1>${title}</h1></header>
<section class="verdict"><strong>${loads.length + routines.length === 0 ? "No load has runs on both sides." : "B compared with A"}</strong>
<ul>${flows.flatMap(keptSentences).map((sentence) => html`<li>${sentence}</li>`)}${loads.map((load) => html`<li>${nameComparedLoad(comparison, load.loadTps)}: ${load.verdict}</li>`)}${routines.map((compared) => html`<li>Routines, ${nameRoutines(compared)}: ${reasonList(routineDifferences(compared)) ?? noDifference}</li>`)}</ul></section>
<section><h2>Sides</h2>${htmlList([
      ["A", side(a, sides.a.runs)],
      ["B", side(b, sides.b.runs)],
    ])}${titled("Parameters that differ", differenceColumns, differences)}</section>
<section><h2>By load</h2>${figures(drawing, loadCharts(sides))}
${loads.length === 0 ? undefined : htmlTable(comparisonColumns(comparison), comparisonRows(comparison))}</section>
${routineSection(drawing, comparison, sides)}
${flowSection(drawing, comparison, sides)}
${explained.length === 0 ? undefined : html`<section><h2>What links explain</h2>${reasonList(explained.map((one) => explainedText(comparison, one)))}</section>`}
<footer class="note"><p>Every figure on this page stands in comparison.json or the bundles of the two sides, rounded for reading. B-A is in the metric’s unit, of rates in percent points.</p></footer>`,
  );
}

function routineSection(drawing: Drawing, { routines }: Comparison, sides: ComparedRuns): Html | undefined {
  if (routines.length === 0) return undefined;
  return html`<section><h2>Routines</h2>${figures(drawing, comparedPacketCharts(sides))}
${routines.map((compared) => html`<h3>${nameRoutines(compared)}</h3>${htmlTable(routineComparisonColumns, compared.figures)}`)}
<p class="note">${overPeersNote}</p></section>`;
}

function flowSection(drawing: Drawing, { flows }: Comparison, sides: ComparedRuns): Html | undefined {
  if (flows.length === 0) return undefined;
  return html`<section><h2>Flows</h2>${figures(drawing, keptCharts(sides))}
${flows.map((compared) => html`<h3>${nameFlows(compared)}</h3>${reasonList(keptSentences(compared))}${htmlTable(comparedFlowColumns, comparedFlowRows(compared))}`)}
<p class="note">${keptNote}</p></section>`;
}

const nameOf = ({ path, protocol, networkType }: ComparedSide) =>
  `${protocol ?? "sweep"}, ${networkType} (${basename(path)})`;

const side = ({ path, runs, endedEarly }: ComparedSide, all: readonly MeasuredRun[]): Html =>
  html`${path}: ${formatCountOf(runs, "run")}, ${describeRuns(all)}${endedEarly === undefined ? undefined : html`; ended early: ${endedEarly}`}`;

function explainedText(
  comparison: Comparison,
  { loadTps, shareRatio }: Comparison["explained"][number],
): string {
  return `${nameComparedLoad(comparison, loadTps)}: links explain ${formatPercent(shareRatio)} of the difference in average latency.`;
}
