import type { RunResult } from "../../../contracts/results/result.ts";
import { disturbedMark, environmentCaption } from "../blocks/environment.ts";
import { faultCaption } from "../blocks/faults.ts";
import { measuredBy } from "../blocks/observer.ts";
import { latencySpans } from "../blocks/sections.ts";
import { formatAsked, formatFigure, formatPercent, formatQuantile, nothingSeen } from "../text/figures.ts";
import { loadHead, offeredCaption } from "../text/load.ts";
import { formatTable, type TableColumn } from "../text/table.ts";

function columnsFor(observed: boolean, results: readonly RunResult[]): readonly TableColumn[] {
  const right = (first: string, second: string): TableColumn => ({ head: [first, second], align: "right" });
  return [
    right(...loadHead(results)),
    right("Throughput", "tx/s"),
    right("Efficiency", ""),
    right("Avg", "ms"),
    right("Std", "Dev"),
    right("p50", "ms"),
    right("p99", "ms"),
    right(observed ? "Committed" : "Acknowl.", ""),
    right("Failed", ""),
    { head: ["Verdict", ""], align: "left" },
  ];
}

function row(result: RunResult): string[] {
  const headline = result.latency[result.latencyKind];
  const ms = (value: number | undefined) => (value === undefined ? nothingSeen : formatFigure(value));
  return [
    formatAsked(result.parameters.loadTps),
    formatFigure(result.throughputTps),
    result.efficiencyRatio === undefined ? nothingSeen : formatPercent(result.efficiencyRatio),
    ms(headline?.meanMs),
    ms(headline?.stdDevMs),
    formatQuantile(headline?.p50),
    formatQuantile(headline?.p99),
    String(result.successful),
    String(result.failed),
    // On two lines, so that the table stays within 80 columns.
    `${result.verdict.status.replace("generator-limited", "generator-\nlimited")}${result.environment?.disturbed === true ? disturbedMark : ""}`,
  ];
}

/** One line per run, at most 80 columns wide for usual numbers. Ends without a line break. */
export function formatSummaryTable(results: readonly RunResult[]): string {
  const [first] = results;
  if (first === undefined) return "No run finished.";
  const observed = first.latencyKind === "commit";
  const caption = observed
    ? `Latency: ${measuredBy(results)} (${latencySpans.commit})`
    : "Commits could not be observed: throughput and latency are of acknowledgements.";
  const bound = results.some(({ latency, latencyKind }) => (latency[latencyKind]?.censored ?? 0) > 0)
    ? ['"≥": lower bound, transactions not seen counted.']
    : [];
  const table = formatTable(columnsFor(observed, results), results.map(row));
  const captions = [...offeredCaption(results), ...environmentCaption(results), ...faultCaption(results)];
  return [table, caption, ...bound, ...captions].join("\n");
}
