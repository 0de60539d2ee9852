import type { RunResult } from "../../../contracts/results/result.ts";
import { environmentCaption, verdictColumn } from "../blocks/environment.ts";
import { faultCaption } from "../blocks/faults.ts";
import { measuredBy } from "../blocks/observer.ts";
import { latencySpans } from "../blocks/sections.ts";
import { formatAsked, formatFigure, formatPercent, formatQuantile, seen } from "../text/figures.ts";
import { loadHead, offeredCaption } from "../text/load.ts";
import { type Column, formatTable, right } from "../text/table.ts";

const headline = ({ latency, latencyKind }: RunResult) => latency[latencyKind];

const columnsFor = (observed: boolean, results: readonly RunResult[]): readonly Column<RunResult>[] => [
  right(loadHead(results).join("\n"), ({ parameters }) => formatAsked(parameters.loadTps)),
  right("Throughput\ntx/s", ({ throughputTps }) => formatFigure(throughputTps)),
  right("Efficiency", ({ efficiencyRatio }) => seen(efficiencyRatio, formatPercent)),
  right("Avg\nms", (run) => seen(headline(run)?.meanMs, formatFigure)),
  right("Std\nDev", (run) => seen(headline(run)?.stdDevMs, formatFigure)),
  right("p50\nms", (run) => formatQuantile(headline(run)?.p50)),
  right("p99\nms", (run) => formatQuantile(headline(run)?.p99)),
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
    : "Commits could not be observed: throughput and latency are of acknowledgements.";
  const bound = results.some(({ latency, latencyKind }) => (latency[latencyKind]?.censored ?? 0) > 0)
    ? ['"≥": lower bound, transactions not seen counted.']
    : [];
  const table = formatTable(columnsFor(observed, results), results);
  const captions = [...offeredCaption(results), ...environmentCaption(results), ...faultCaption(results)];
  return [table, caption, ...bound, ...captions].join("\n");
}
