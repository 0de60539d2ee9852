import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import { summarizeLoads } from "../../metrics/stats/load-summary.ts";
import { isDriven, isNative } from "../../metrics/stats/run-metrics.ts";
import { runCharts } from "../charts/data/run-charts.ts";
import { sweepCharts } from "../charts/data/sweep-charts.ts";
import { type Drawing, openDrawing } from "../charts/draw/draw.ts";
import { chooseShown, type RunView, type SweepView } from "../charts/view.ts";
import { assertionColumns, countAssertions } from "../report/blocks/assertions.ts";
import { environmentCaption, machineColumns } from "../report/blocks/environment.ts";
import { formatSearch } from "../report/blocks/search.ts";
import { nativeColumnsFor } from "../report/documents/native.ts";
import { describeRuns } from "../report/documents/reported-sweep.ts";
import { loadColumns, summaryColumns } from "../report/tables/summary-table.ts";
import { formatCountOf } from "../report/text/figures.ts";
import { loadHead, nameLoad } from "../report/text/load.ts";
import { left, right } from "../report/text/table.ts";
import type { MeasuredSummary } from "../schema/summary.ts";
import { repeatCommand } from "./command.ts";
import { figures } from "./figure.ts";
import { type Html, html } from "./html.ts";
import { pageText } from "./page.ts";
import { runMaps } from "./run-maps.ts";
import { runDetails, titled } from "./run-section.ts";
import { htmlList, htmlTable, htmlValue } from "./table.ts";

/** The page of a sweep. */
export async function sweepPage(view: SweepView): Promise<string> {
  const drawing = await openDrawing();
  const shown = chooseShown(view.runs);
  const title = titleOf(view);
  return pageText(
    `${title}: ${view.name}`,
    html`<header><h1>${title}</h1><p class="lead">${view.name} · ${view.summary.startedAt}</p>${labelLine(view.parameters)}</header>
${verdictBlock(view)}
${loadSection(view)}
${chartSection(drawing, view)}
${shown && shownSection(drawing, shown, view)}
${runSection(drawing, view, shown)}
${environmentSection(view)}
<footer class="note">${view.notes.map((note) => html`<p>${note}</p>`)}<p>Every figure on this page stands in the files of the bundle, rounded for reading: run files, summary.json, timeseries.csv, host-load.csv, histograms/ and metrics/. Axis labels are scales.</p></footer>`,
  );
}

export function titleOf({ summary, parameters }: SweepView): string {
  const { networkType } = summary;
  const { protocol, nodes } = parameters;
  const size = typeof nodes === "number" ? `, ${formatCountOf(nodes, "node")}` : "";
  return `${typeof protocol === "string" ? protocol : "Benchmark"}, ${networkType} network${size}`;
}

/** The name and the tags that its user gave a run; undefined: none. */
export function labelLine({ name, tags }: Readonly<Record<string, unknown>>): Html | undefined {
  const pairs = typeof tags === "object" && tags !== null ? Object.entries(tags) : [];
  if (typeof name !== "string" && pairs.length === 0) return undefined;
  const shown = pairs.map(([key, value]) => html`<span class="tag">${key}=${String(value)}</span> `);
  return html`<p class="lead">${typeof name === "string" ? html`<strong>${name}</strong> ` : undefined}${shown}</p>`;
}

const statuses = (runs: readonly MeasuredRun[]) => new Set(runs.map(({ verdict }) => verdict.status));

/** How far the numbers can be trusted: the colour of what says so. */
export function trustIn({ runs, assertions = [], endedEarly }: MeasuredSummary): "good" | "warn" | "bad" {
  const found = statuses(runs);
  const isBad = found.has("invalid") || endedEarly !== undefined || assertions.some(({ passed }) => !passed);
  return isBad || runs.length === 0 ? "bad" : found.has("generator-limited") ? "warn" : "good";
}

/** Whether the numbers can be trusted, and why not. */
export function verdictBlock({ summary }: Pick<SweepView, "summary">): Html {
  const { runs, assertions = [], endedEarly } = summary;
  const asserted = assertions.length === 0 ? [] : [countAssertions(assertions)];
  return html`<section class="verdict ${trustIn(summary)}"><strong>${[describeRuns(runs), ...asserted].join(", ")}</strong>
${endedEarly === undefined ? undefined : html`<p>Ended early: ${endedEarly}</p>`}${reasons(runs)}</section>`;
}

/** Reasons that the top of a page has room for. */
const mostReasons = 8;

function reasons(runs: readonly MeasuredRun[]): Html | undefined {
  const all = runs.flatMap(({ benchmarkNumber, verdict }) =>
    verdict.reasons.map((reason) => html`<li>Run ${benchmarkNumber}, ${verdict.status}: ${reason}</li>`),
  );
  if (all.length === 0) return undefined;
  const more =
    all.length > mostReasons
      ? html`<li>${mostReasons} of ${all.length} reasons; the others stand with their runs.</li>`
      : undefined;
  return html`<ul>${all.slice(0, mostReasons)}${more}</ul>`;
}

function loadSection({ summary }: SweepView): Html {
  const { runs, search, assertions = [] } = summary;
  const driven = runs.filter(isDriven);
  const isRepeated = runs.some(({ repetition }) => repetition > 1);
  const outcomes = [
    ...assertionColumns(assertions, loadHead(runs).join(", ")),
    left<(typeof assertions)[number]>("", ({ passed, reason }) =>
      passed ? "passed" : `FAILED${reason ? `: ${reason}` : ""}`,
    ),
  ];
  return html`<section><h2>Results</h2>
${isRepeated && driven.length > 0 ? html`${htmlTable(loadColumns(driven), summarizeLoads(driven))}<p class="note">Means over runs, ± half the width of their 95 % confidence interval, without invalid runs.</p>` : undefined}
${isRepeated && driven.length > 0 ? undefined : runTable(runs)}
${search === undefined ? undefined : html`<h3>Search</h3><pre>${formatSearch(search, driven)}</pre>`}
${titled("Assertions", outcomes, assertions)}</section>`;
}

function runTable(runs: readonly MeasuredRun[]): Html {
  const native = runs.filter(isNative);
  if (native.length > 0) return htmlTable(nativeColumnsFor(native), native);
  const driven = runs.filter(isDriven);
  const number = right<(typeof driven)[number]>("Run", ({ benchmarkNumber }) => String(benchmarkNumber));
  const isDisturbed = environmentCaption(driven).length > 0;
  const caption = isDisturbed
    ? html`<p class="note">*: other programs disturbed the machines.</p>`
    : undefined;
  return html`${htmlTable([number, ...summaryColumns(driven[0]?.latencyKind === "commit", driven)], driven)}${caption}`;
}

function chartSection(drawing: Drawing, view: SweepView): Html | undefined {
  const charts = sweepCharts(view);
  return charts.length === 0
    ? undefined
    : html`<section><h2>All runs</h2>${figures(drawing, charts)}</section>`;
}

/** Charts of the run that is shown at length, across the page. */
const whole = ["latency-time"];

function shownSection(drawing: Drawing, view: RunView, sweep: SweepView): Html {
  const { run } = view;
  const { benchmarkNumber, parameters, environment } = run;
  return html`<section><h2>Run ${benchmarkNumber} at ${nameLoad(parameters.loadTps, [run])}, second by second</h2>
${runMaps(view, sweep)}${figures(drawing, runCharts(view), whole)}
${titled("Machines in the window", machineColumns, environment?.hosts ?? [])}</section>`;
}

/** Rows of the table of runs: a page of more would be nothing but a table. */
const mostRuns = 500;

function runSection(drawing: Drawing, { runs }: SweepView, shown: RunView | undefined): Html {
  const all = runs.map(({ run }) => run);
  const detailed = runs.filter(({ isDetailed }) => isDetailed);
  const isLarge = all.length > 20;
  const table = runTable(all.slice(0, mostRuns));
  const left =
    all.length > mostRuns
      ? html`<p class="note">The first ${mostRuns} of ${all.length} runs.</p>`
      : undefined;
  return html`<section><h2>Each run</h2>
${isLarge ? html`<details><summary>Table of ${Math.min(mostRuns, all.length)} runs</summary><div>${table}${left}</div></details>` : table}
${detailed.map((view) => runDetails(drawing, view, view === shown ? new Set(runCharts(view).map(({ name }) => name)) : compact))}</section>`;
}

/** Of the other runs, what changes from one to the next. */
const compact = new Set(["host-memory", "host-network", "node-memory", "node-network", "node-disk"]);

function environmentSection({ environment, parameters }: SweepView): Html {
  const { command, unsaid } = repeatCommand(parameters);
  const { schema: _, links, protocol_description: _description, ...plain } = parameters;
  const entries = Object.entries(plain).map(([key, value]) => [key, htmlValue(value)] as const);
  const named =
    typeof links === "object" && links !== null && "name" in links ? String(links.name) : undefined;
  return html`<section><h2>How it was made</h2>
<h3>Repeat it</h3><pre>${command}</pre>${unsaid.length === 0 ? undefined : html`<p class="note">No flag says ${unsaid.join(", ")}: parameters.json has them.</p>`}
<h3>Machine and versions</h3>${environment === undefined ? undefined : htmlValue(environment)}
<details><summary>All parameters</summary><div>${htmlList([...entries, ["links", named]])}</div></details></section>`;
}
