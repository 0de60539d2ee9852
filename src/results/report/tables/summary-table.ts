import type { LoadSummary } from "../../../contracts/results/load-summary.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { summarizeLoads } from "../../../metrics/stats/load-summary.ts";
import { headlineOf } from "../../../metrics/stats/run-metrics.ts";
import { publishedRun } from "../../schema/published-run.ts";
import { environmentCaption, verdictColumn } from "../blocks/environment.ts";
import { faultCaption } from "../blocks/faults.ts";
import { measuredBy } from "../blocks/generator.ts";
import { latencySpans } from "../blocks/sections.ts";
import { formatAsked, formatFigure, formatMean, seen } from "../text/figures.ts";
import { edgeCaption, loadHead, nameLoad, offeredCaption, runColumns } from "../text/load.ts";
import { type Column, formatTable, right } from "../text/table.ts";

/** A run, a row each. */
export const summaryColumns = (
  observed: boolean,
  results: readonly RunResult[],
): readonly Column<RunResult>[] => [
  right(loadHead(results).join("\n"), ({ parameters }) => formatAsked(parameters.loadTps)),
  runColumns.throughput,
  runColumns.efficiency,
  runColumns.mean,
  right("Std\nDev", (run) => seen(headlineOf(run)?.stdDevMs, formatFigure)),
  runColumns.p50,
  runColumns.p99,
  right(observed ? "Committed" : "Acknowl.", ({ successful }) => String(successful)),
  right("Failed", ({ failed }) => String(failed)),
  verdictColumn,
];

/** One line per run, at most 80 columns wide for usual numbers. Ends without a line break. */
export function formatSummaryTable(results: readonly RunResult[]): string {
  const [first] = results;
  if (first === undefined) return "No run finished.";
  const observed = first.latencyKind === "commit";
  const caption = observed
    ? `Latency: ${measuredBy(results)} (${latencySpans.commit})`
    : "Commits could not be observed: throughput and latency are those of acknowledgements.";
  const bound = results.some((run) => (headlineOf(run)?.censored ?? 0) > 0)
    ? ['"≥": lower bound, transactions not seen counted.']
    : [];
  const table = formatTable(summaryColumns(observed, results), results);
  const captions = [
    ...offeredCaption(results),
    ...edgeCaption(results),
    ...environmentCaption(results),
    ...faultCaption(results),
  ];
  return [table, caption, ...bound, ...captions].join("\n");
}

/** Half the interval stands below the mean. */
const mean = (head: string, metric: keyof LoadSummary["metrics"], scale = 1) =>
  right<LoadSummary>(head, ({ metrics }) => formatMean(metrics[metric], { scale, gap: "\n" }));

/** A load over its runs, a row each. */
export const loadColumns = (measured: readonly RunResult[]): readonly Column<LoadSummary>[] => [
  right(loadHead(measured).join("\n"), ({ loadTps }) => formatAsked(loadTps)),
  mean("Throughput\ntx/s", "throughput"),
  mean("Efficiency\n%", "efficiency", 100),
  mean("Success\n%", "successRate", 100),
  mean("Avg\nms", "avgLatency"),
  mean("Std\nDev", "latencyStdDev"),
  mean("p50\nms", "p50Latency"),
  mean("p99\nms", "p99Latency"),
  right("Runs\ncounted", ({ countedRuns, runs }) =>
    countedRuns === runs ? String(runs) : `${countedRuns} of ${runs}`,
  ),
];

/** Each load over its runs, at most 80 columns wide for usual numbers. Ends without a line break. */
export function formatLoadTable(runs: readonly RunResult[]): string {
  const loads = summarizeLoads(runs.map(publishedRun));
  const invalid = loads.flatMap(({ invalidRuns }) => invalidRuns);
  const isBound = loads.some(({ metrics }) => Object.values(metrics).some((metric) => metric?.atLeast));
  return [
    formatTable(loadColumns(runs), loads),
    "Means over runs, ± half the width of their 95 % confidence interval.",
    ...(isBound ? ['"≥": lower bound, a run of the load has no more than that.'] : []),
    ...loads.filter(({ unseen }) => unseen > 0).map((load) => unseenLine(load, runs)),
    ...(invalid.length === 0 ? [] : [`Not counted because invalid: ${formatRunNumbers(invalid)}.`]),
  ].join("\n");
}

const unseenLine = ({ loadTps, unseen }: LoadSummary, runs: readonly RunResult[]) =>
  `No end seen of ${unseen} transactions at ${nameLoad(loadTps, runs)}: not in Avg and Std Dev.`;

const formatRunNumbers = (numbers: readonly number[]) =>
  `${numbers.length === 1 ? "run" : "runs"} ${[...numbers].sort((a, b) => a - b).join(", ")}`;
