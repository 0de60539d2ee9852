import type { AssertionOutcome } from "../../../contracts/results/assertion.ts";
import type { LoadSummary } from "../../../contracts/results/load-summary.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { summarizeLoads } from "../../../metrics/stats/load-summary.ts";
import { isDriven, isNative, isOfFlows, isOfMessages } from "../../../metrics/stats/run-metrics.ts";
import { compareSweeps } from "../../analysis/comparison/compare.ts";
import { variationRows } from "../../charts/variation.ts";
import { measuredRunJson, publishedRun } from "../../schema/published-run.ts";
import { assertionColumns, countAssertions } from "../blocks/assertions.ts";
import { formatComparison, nameComparedLoad } from "../blocks/comparison.ts";
import { measuredBy } from "../blocks/generator.ts";
import { formatSearch } from "../blocks/search.ts";
import { formatVariationMarkdown } from "../tables/variation-table.ts";
import { formatAsked, formatMean } from "../text/figures.ts";
import { edgeCaption, loadHead, throughputUnitOf } from "../text/load.ts";
import {
  formatDetails,
  formatMarkdownTable,
  formatPreformatted,
  quoteMarkdown,
} from "../text/markdown-text.ts";
import { type Column, left, right } from "../text/table.ts";
import {
  countRuns,
  describeRuns,
  foundNothing,
  hasFailed,
  nameSweep,
  type ReportedSweep,
} from "./reported-sweep.ts";

/** A summary for a pull request: whether all is well comes first, then tables, then what only some will open. */
export function formatMarkdown(sweeps: readonly ReportedSweep[]): string {
  const blocks = sweeps.flatMap((sweep) => [
    ...(sweeps.length > 1 || sweep.varied !== undefined ? [headOf(sweep)] : []),
    ...sweepBlocks(sweep),
  ]);
  return `${[verdictLine(sweeps), ...variedBlocks(sweeps), ...blocks].join("\n\n")}\n`;
}

const headOf = (sweep: ReportedSweep) =>
  sweep.varied === undefined
    ? `## ${sweep.summary.networkType} network`
    : `## ${quoteMarkdown(nameSweep(sweep))}`;

/** All points beside each other. */
function variedBlocks(sweeps: readonly ReportedSweep[]): string[] {
  const options = sweeps[0]?.varied?.options;
  if (options === undefined) return [];
  const rows = variationRows(
    sweeps.map(({ varied, summary }) => ({ values: varied?.values ?? [], summary })),
  );
  return [formatVariationMarkdown(options, rows)];
}

/** "**Benchmark failed**: 1 of 4 assertions failed, 1 of 3 runs is invalid". */
function verdictLine(sweeps: readonly ReportedSweep[]): string {
  const early = sweeps.some(({ summary }) => summary.endedEarly !== undefined);
  const runs = sweeps.flatMap<MeasuredRun>(({ summary }) => summary.runs);
  const outcomes = sweeps.flatMap(({ summary }) => summary.assertions ?? []);
  const reported = [
    ...(early ? ["it ended early"] : []),
    ...(sweeps.some(foundNothing) ? ["no load is sustained"] : []),
    ...(outcomes.length === 0 ? [] : [countAssertions(outcomes)]),
    describeRuns(runs),
  ];
  return `**Benchmark ${sweeps.some(hasFailed) ? "failed" : "passed"}**: ${reported.join(", ")}`;
}

function sweepBlocks(sweep: ReportedSweep): string[] {
  const { summary, bundle } = sweep;
  const { runs, plannedRuns, endedEarly, assertions = [] } = summary;
  const early =
    endedEarly === undefined
      ? []
      : [`**Ended early**, after ${countRuns(runs.length, plannedRuns)}: ${quoteMarkdown(endedEarly)}`];
  const asserted = assertions.length === 0 ? [] : [`### Assertions`, assertionTable(assertions, runs)];
  return [
    ...early,
    ...(runs.length === 0 ? [] : ["### Loads", loadTable(runs), ...reasonBlocks(runs)]),
    ...(summary.search === undefined
      ? []
      : ["### Search", formatPreformatted(formatSearch(summary.search, runs.filter(isDriven)))]),
    ...asserted,
    ...baselineBlocks(sweep),
    ...runs
      .slice(0, 1)
      .map((first) => formatDetails(`How run ${first.benchmarkNumber} was done`, parameterTable(first))),
    ...(bundle === undefined ? [] : [`Results: ${quoteMarkdown(bundle)}`]),
  ];
}

type Metric = keyof LoadSummary["metrics"];

/** Repeats are shown by their mean, and its 95 % interval; of invalid runs nothing but their number. */
function loadTable(runs: readonly MeasuredRun[]): string {
  const loads = summarizeLoads(runs.map(publishedRun));
  const mean = (head: string, metric: Metric, scale = 1) =>
    right<LoadSummary>(head, ({ metrics }) => formatMean(metrics[metric], { scale }));
  const statusesAt = ({ loadTps }: LoadSummary) =>
    runs.filter(({ parameters }) => parameters.loadTps === loadTps).map(({ verdict }) => verdict.status);
  const columns: readonly Column<LoadSummary>[] = [
    right(loadHead(runs).join(", "), ({ loadTps }) => formatAsked(loadTps)),
    right("Runs", (load) =>
      load.countedRuns === load.runs ? String(load.runs) : `${load.countedRuns} of ${load.runs}`,
    ),
    mean(`Throughput, ${throughputUnitOf(runs)}`, "throughput"),
    // Both are of transactions that somebody followed.
    ...(runs.some(isDriven)
      ? [mean("Efficiency, %", "efficiency", 100), mean("Success, %", "successRate", 100)]
      : []),
    mean("Mean, ms", "avgLatency"),
    mean("p50, ms", "p50Latency"),
    mean("p99, ms", "p99Latency"),
    left("Verdict", (load) => [...new Set(statusesAt(load))].join(", ")),
  ];
  const edges = edgeCaption(runs.filter(isDriven)).map((line) => ` ${line}.`);
  const repeated = loads.some((load) => load.runs > 1)
    ? " Of several runs: mean ± half its 95 % confidence interval, without invalid ones."
    : "";
  return `${formatMarkdownTable(columns, loads)}\n\nThroughput and latency: ${measure(runs)}.${edges}${repeated}`;
}

function measure(runs: readonly MeasuredRun[]): string {
  if (runs.some(isOfFlows)) return "of packets, as the hosts report them";
  if (runs.some(isOfMessages)) return "of messages, as the peers report them";
  return runs.some(isNative)
    ? "as the nodes counted them (native), quantiles as the edges of buckets"
    : `by ${measuredBy(runs)}`;
}

/** Why runs are not valid: open where there are few. */
function reasonBlocks(runs: readonly MeasuredRun[]): string[] {
  const lines = runs.flatMap(({ benchmarkNumber, verdict }) =>
    verdict.reasons.map((reason) => `- Run ${benchmarkNumber}, ${verdict.status}: ${quoteMarkdown(reason)}`),
  );
  if (lines.length === 0) return [];
  return lines.length <= 3
    ? [lines.join("\n")]
    : [formatDetails("Reasons of the verdicts", lines.join("\n"))];
}

function assertionTable(outcomes: readonly AssertionOutcome[], runs: readonly MeasuredRun[]): string {
  const why = (reason: string | undefined) => (reason === undefined ? "" : `: ${quoteMarkdown(reason)}`);
  const columns = [
    ...assertionColumns(outcomes, loadHead(runs).join(", "), quoteMarkdown),
    left<AssertionOutcome>("", ({ passed, reason }) => (passed ? "passed" : `**failed**${why(reason)}`)),
  ];
  return formatMarkdownTable(columns, outcomes);
}

/** The comparison with the baseline as A, as `baleen compare` shows it. */
function baselineBlocks({ summary, bundle, baseline }: ReportedSweep): string[] {
  if (baseline === undefined || summary.runs.length === 0) return [];
  const { networkType, runs, endedEarly } = summary;
  const comparison = compareSweeps(baseline, { path: bundle ?? "this sweep", networkType, runs, endedEarly });
  const sentences = comparison.loads.map(
    ({ loadTps, verdict }) => `- ${nameComparedLoad(comparison, loadTps)}: ${quoteMarkdown(verdict)}`,
  );
  return [
    "### Against the baseline (A)",
    ...(sentences.length === 0 ? [] : [sentences.join("\n")]),
    formatDetails("Load by load", formatPreformatted(formatComparison(comparison))),
  ];
}

/** Parameters of a run, by published name; the load stands in the table of loads. */
function parameterTable(run: MeasuredRun): string {
  const { load: _, protocol_options, ...plain } = measuredRunJson(run).parameters;
  const value = (of: unknown) => (typeof of === "object" ? JSON.stringify(of) : String(of));
  const columns: readonly Column<readonly [name: string, value: unknown]>[] = [
    left("Parameter", ([name]) => quoteMarkdown(name)),
    left("Value", ([, of]) => quoteMarkdown(value(of))),
  ];
  return formatMarkdownTable(columns, Object.entries({ ...plain, ...protocol_options }));
}
