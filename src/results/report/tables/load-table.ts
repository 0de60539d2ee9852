import type { LoadSummary, MetricMean } from "../../../contracts/results/load-summary.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { summarizeLoads } from "../../../metrics/stats/load-summary.ts";
import { publishedRun } from "../../schema/published-run.ts";
import { formatAsked, formatMean } from "../text/figures.ts";
import { loadHead, nameLoad } from "../text/load.ts";
import { formatTable, type TableColumn } from "../text/table.ts";

const right = (first: string, second: string): TableColumn => ({ head: [first, second], align: "right" });
const columnsFor = (runs: readonly RunResult[]): readonly TableColumn[] => [
  right(...loadHead(runs)),
  right("Throughput", "tx/s"),
  right("Efficiency", "%"),
  right("Success", "%"),
  right("Avg", "ms"),
  right("Std", "Dev"),
  right("p50", "ms"),
  right("p99", "ms"),
  right("Runs", "counted"),
];

/** Half the interval stands below the mean. */
const cell = (metric: MetricMean | undefined, scale = 1) => formatMean(metric, { scale, gap: "\n" });

function row({ loadTps, countedRuns, runs, metrics }: LoadSummary): string[] {
  return [
    formatAsked(loadTps),
    cell(metrics.throughput),
    cell(metrics.efficiency, 100),
    cell(metrics.successRate, 100),
    cell(metrics.avgLatency),
    cell(metrics.latencyStdDev),
    cell(metrics.p50Latency),
    cell(metrics.p99Latency),
    countedRuns === runs ? String(runs) : `${countedRuns} of ${runs}`,
  ];
}

/** Each load over its runs, at most 80 columns wide for usual numbers. Ends without a line break. */
export function formatLoadTable(runs: readonly RunResult[]): string {
  const loads = summarizeLoads(runs.map(publishedRun));
  const invalid = loads.flatMap(({ invalidRuns }) => invalidRuns);
  const isBound = loads.some(({ metrics }) => Object.values(metrics).some((metric) => metric?.atLeast));
  return [
    formatTable(columnsFor(runs), loads.map(row)),
    "Means over runs, ± half the width of their 95 % confidence interval.",
    ...(isBound ? ['"≥": lower bound, a run of the load has no more than that.'] : []),
    ...loads.filter(({ unseen }) => unseen > 0).map((load) => unseenLine(load, runs)),
    ...(invalid.length === 0 ? [] : [`Not counted, being invalid: ${formatRunNumbers(invalid)}.`]),
  ].join("\n");
}

const unseenLine = ({ loadTps, unseen }: LoadSummary, runs: readonly RunResult[]) =>
  `No end seen of ${unseen} transactions at ${nameLoad(loadTps, runs)}: not in Avg and Std Dev.`;

const formatRunNumbers = (numbers: readonly number[]) =>
  `${numbers.length === 1 ? "run" : "runs"} ${[...numbers].sort((a, b) => a - b).join(", ")}`;
