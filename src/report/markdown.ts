import { compareSweeps } from "../benchmark/compare.ts";
import { buildRunJson } from "../bundle/run-json.ts";
import { formatAssertion } from "../config/assertion.ts";
import type { AssertionOutcome } from "../contracts/assertion.ts";
import type { RunResult } from "../contracts/result.ts";
import { meanInterval } from "../stats/confidence.ts";
import { countAssertions, formatAsserted, formatLimit } from "./assertions.ts";
import { formatComparison } from "./comparison.ts";
import { formatAsked, formatFigure, formatPercent, formatQuantile, nothingSeen } from "./figures.ts";
import {
  formatDetails,
  formatMarkdownTable,
  formatPreformatted,
  type MarkdownColumn,
  quoteMarkdown,
} from "./markdown-text.ts";
import { groupByLoad, isFailedRun, type ReportedSweep } from "./reported-sweep.ts";
import { finishedRuns } from "./summary-text.ts";

/** A summary for a pull request: whether all is well comes first, then tables, then what only some will open. */
export function formatMarkdown(sweeps: readonly ReportedSweep[]): string {
  const blocks = sweeps.flatMap((sweep) => [
    ...(sweeps.length > 1 ? [`## ${sweep.summary.networkType} network`] : []),
    ...sweepBlocks(sweep),
  ]);
  return `${[verdictLine(sweeps), ...blocks].join("\n\n")}\n`;
}

/** "**Benchmark failed**: 1 of 4 assertions failed, 1 of 3 runs is invalid". */
function verdictLine(sweeps: readonly ReportedSweep[]): string {
  const early = sweeps.some(({ summary }) => summary.endedEarly !== undefined);
  const runs = sweeps.flatMap(({ summary }) => summary.runs);
  const bad = sweeps.flatMap((sweep) => sweep.summary.runs.filter((run) => isFailedRun(run, sweep)));
  const outcomes = sweeps.flatMap(({ summary }) => summary.assertions ?? []);
  const failed = early || bad.length > 0 || outcomes.some(({ passed }) => !passed);
  const told = [
    ...(early ? ["it ended early"] : []),
    ...(outcomes.length === 0 ? [] : [countAssertions(outcomes)]),
    describeRuns(runs),
  ];
  return `**Benchmark ${failed ? "failed" : "passed"}**: ${told.join(", ")}`;
}

function describeRuns(runs: readonly RunResult[]): string {
  if (runs.length === 0) return "no run finished";
  const statuses = Map.groupBy(runs, ({ verdict }) => verdict.status);
  return (["valid", "generator-limited", "invalid"] as const)
    .flatMap((status) => {
      const count = statuses.get(status)?.length ?? 0;
      return count === 0 ? [] : [`${count} of ${runs.length} runs ${status}`];
    })
    .join(", ");
}

function sweepBlocks(sweep: ReportedSweep): string[] {
  const { summary, bundle } = sweep;
  const { runs, endedEarly, assertions = [] } = summary;
  const early =
    endedEarly === undefined
      ? []
      : [`**Ended early**, after ${finishedRuns(summary)}: ${quoteMarkdown(endedEarly)}`];
  const asserted = assertions.length === 0 ? [] : [`### Assertions`, assertionTable(assertions)];
  return [
    ...early,
    ...(runs.length === 0 ? [] : ["### Loads", loadTable(runs), ...reasonBlocks(runs)]),
    ...asserted,
    ...baselineBlocks(sweep),
    ...runs
      .slice(0, 1)
      .map((first) => formatDetails(`How run ${first.benchmarkNumber} was done`, parameterTable(first))),
    ...(bundle === undefined ? [] : [`Results: ${quoteMarkdown(bundle)}`]),
  ];
}

const loadColumns: readonly MarkdownColumn[] = [
  ["Load, tx/s", "right"],
  ["Runs", "right"],
  ["Throughput, tx/s", "right"],
  ["Efficiency", "right"],
  ["Mean, ms", "right"],
  ["p50, ms", "right"],
  ["p99, ms", "right"],
  ["Failed", "right"],
  ["Verdict", "left"],
];

/** Repeats are shown by their mean, and its 95 % interval; of invalid runs nothing but their number. */
function loadTable(runs: readonly RunResult[]): string {
  const rows = [...groupByLoad(runs)].map(([loadTps, all]) => {
    const counted = all.filter(({ verdict }) => verdict.status !== "invalid");
    const headline = (run: RunResult) => run.latency[run.latencyKind];
    const quantile = (name: "p50" | "p99") =>
      counted.length === 1
        ? formatQuantile(counted[0] && headline(counted[0])?.[name])
        : mean(counted, (run) => {
            const found = headline(run)?.[name];
            return found?.atLeast === false ? found.ms : undefined;
          });
    return [
      formatAsked(loadTps),
      String(all.length),
      mean(counted, (run) => run.throughputTps),
      mean(counted, (run) => run.efficiencyRatio, formatPercent),
      mean(counted, (run) => headline(run)?.meanMs),
      quantile("p50"),
      quantile("p99"),
      mean(counted, (run) => run.failed, formatAsked),
      [...new Set(all.map(({ verdict }) => verdict.status))].join(", "),
    ];
  });
  const kinds = [...new Set(runs.map(({ latencyKind }) => latencyKind))].join(" and ");
  const repeated = rows.some(([, count]) => count !== "1")
    ? " Of several runs: mean ± 95 % confidence interval, without invalid ones."
    : "";
  return `${formatMarkdownTable(loadColumns, rows)}\n\nThroughput and latency: by ${kinds}.${repeated}`;
}

function mean(
  runs: readonly RunResult[],
  of: (run: RunResult) => number | undefined,
  show: (value: number) => string = formatFigure,
): string {
  const values = runs.map(of).filter((value) => value !== undefined);
  if (values.length === 0 || values.length < runs.length) return nothingSeen;
  const found = meanInterval(values);
  const around = found.high === undefined ? "" : ` ± ${show(found.high - found.mean)}`;
  return `${show(found.mean)}${around}`;
}

/** Why runs are not valid: open where there are few. */
function reasonBlocks(runs: readonly RunResult[]): string[] {
  const lines = runs.flatMap(({ benchmarkNumber, verdict }) =>
    verdict.reasons.map((reason) => `- Run ${benchmarkNumber}, ${verdict.status}: ${quoteMarkdown(reason)}`),
  );
  if (lines.length === 0) return [];
  return lines.length <= 3
    ? [lines.join("\n")]
    : [formatDetails("Reasons of the verdicts", lines.join("\n"))];
}

function assertionTable(outcomes: readonly AssertionOutcome[]): string {
  const withBaseline = outcomes.some(({ assertion }) => assertion.relative);
  const columns: readonly MarkdownColumn[] = [
    ["Load, tx/s", "right"],
    ["Assertion", "left"],
    ...(withBaseline ? [["Baseline", "right"] as const] : []),
    ["Value", "right"],
    ["Limit", "right"],
    ["", "left"],
  ];
  const rows = outcomes.map((outcome) => {
    const { assertion, loadTps, value, baseline, passed, reason } = outcome;
    const why = reason === undefined ? "" : `: ${quoteMarkdown(reason)}`;
    return [
      formatAsked(loadTps),
      quoteMarkdown(formatAssertion(assertion)),
      ...(withBaseline ? [formatAsserted(assertion.metric, baseline)] : []),
      formatAsserted(assertion.metric, value),
      formatLimit(outcome),
      passed ? "passed" : `**failed**${why}`,
    ];
  });
  return formatMarkdownTable(columns, rows);
}

/** The comparison with the baseline as A, as `baleen compare` shows it. */
function baselineBlocks({ summary, bundle, baseline }: ReportedSweep): string[] {
  if (baseline === undefined || summary.runs.length === 0) return [];
  const { networkType, runs, endedEarly } = summary;
  const comparison = compareSweeps(baseline, { path: bundle ?? "this sweep", networkType, runs, endedEarly });
  const sentences = comparison.loads.map(
    ({ loadTps, verdict }) => `- ${formatAsked(loadTps)} tx/s: ${quoteMarkdown(verdict)}`,
  );
  return [
    "### Against the baseline (A)",
    ...(sentences.length === 0 ? [] : [sentences.join("\n")]),
    formatDetails("Load by load", formatPreformatted(formatComparison(comparison))),
  ];
}

/** Parameters of a run, by published name; the load stands in the table of loads. */
function parameterTable(run: RunResult): string {
  const { load: _, protocol_options, ...plain } = buildRunJson(run).parameters;
  const rows = Object.entries({ ...plain, ...protocol_options }).map(([name, value]) => [
    quoteMarkdown(name),
    quoteMarkdown(String(value)),
  ]);
  return formatMarkdownTable(
    [
      ["Parameter", "left"],
      ["Value", "left"],
    ],
    rows,
  );
}
