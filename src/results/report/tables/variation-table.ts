import { formatForeign } from "../../../core/text/foreign-text.ts";
import type { VariationMetric, VariationRow } from "../../charts/variation.ts";
import { formatAsked, formatMean, nothingSeen, seen } from "../text/figures.ts";
import { formatMarkdownTable, quoteMarkdown } from "../text/markdown-text.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const longestValue = 24;

interface Style {
  readonly show: (text: string) => string;
  /** Between the lines of a head, and a mean and its interval. */
  readonly gap: string;
}

const onConsole: Style = {
  show: (text) => {
    const line = formatForeign(text);
    return line.length > longestValue ? `${line.slice(0, longestValue - 1)}…` : line;
  },
  gap: "\n",
};

function columnsFor(options: readonly string[], { show, gap }: Style): readonly Column<VariationRow>[] {
  const mean = (head: string, metric: VariationMetric) =>
    right<VariationRow>(head, ({ metrics }) => formatMean(metrics[metric], { gap }));
  return [
    ...options.map((name, place) =>
      right<VariationRow>(show(name).replace(/(?<=^protocol\.)/, gap === "\n" ? gap : ""), ({ values }) =>
        show(String(values[place] ?? "")),
      ),
    ),
    right(`Load${gap}tx/s`, ({ loadTps }) => seen(loadTps, formatAsked)),
    mean(`Throughput${gap}tx/s`, "throughput"),
    mean(`p50${gap}ms`, "p50Latency"),
    mean(`p99${gap}ms`, "p99Latency"),
    right("Runs", ({ runs }) => String(runs)),
    left("Verdict", ({ verdicts }) => (verdicts.length === 0 ? nothingSeen : verdicts.join(gap))),
  ];
}

/** The same for a page, which shows all of a value. */
export const variationColumns = (options: readonly string[]) =>
  columnsFor(options, { show: (text) => text, gap: "\n" });

/** One line for each load of each point. Ends without a line break. @param options names of what is varied */
export const formatVariationTable = (options: readonly string[], rows: readonly VariationRow[]): string =>
  formatTable(columnsFor(options, onConsole), rows);

/** The same as Markdown. */
export const formatVariationMarkdown = (options: readonly string[], rows: readonly VariationRow[]): string =>
  formatMarkdownTable(columnsFor(options, { show: quoteMarkdown, gap: " " }), rows);
