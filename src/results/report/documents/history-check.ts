/** A bundle against a history: for people, for a comment, and for pipelines. */
import type { CheckedMetric, CheckedSeries, HistoryCheck } from "../../../contracts/results/history.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatCountOf, formatSignedPercent, nothingSeen, seen } from "../text/figures.ts";
import { formatMarkdownTable, quoteMarkdown } from "../text/markdown-text.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";
import { formatTestSuites, type TestCase, type TestSuite } from "../text/test-suites.ts";
import { describeSeries, formatSystem, formatValue, formatWithUnit, headOf, metricTitle } from "./history.ts";

const formatP = (p: number) => (p < 0.001 ? "<0.001" : p.toFixed(3));

const columns: readonly Column<CheckedMetric>[] = [
  left("Metric", ({ metric, unit }) => headOf(metricTitle(metric), unit)),
  right("Here", ({ value, unit }) => formatValue(value, unit)),
  right("History", ({ mean, unit }) => seen(mean, (one) => formatValue(one, unit))),
  right("Change", ({ ratio }) => seen(ratio, (one) => formatSignedPercent(one - 1))),
  right("p", ({ adjustedP }) => seen(adjustedP, formatP)),
  right("Entries", ({ entries }) => (entries === 0 ? nothingSeen : String(entries))),
  left("Outcome", outcomeText),
];

function outcomeText({ outcome, isWorse, since }: CheckedMetric): string {
  if (outcome === "no-history") return "no history";
  if (outcome === "no-change") return "no change";
  const word = outcome === "suspect" ? `suspect, ${isWorse ? "worse" : "better"}` : outcome;
  return since === undefined ? word : `${word} since entry ${since.place}`;
}

/** What is claimed or suspected, regressions first. */
const claims = [
  ["regression", "Regression"],
  ["suspect", "Suspect"],
  ["improvement", "Improvement"],
] as const;

/** "p50 latency: +9.9 %, 160.2 ms → 176.0 ms, since entry 21 (BUNDLE); changed there: min_round_delay_ms 50 → 70". */
function describeFinding(checked: CheckedMetric, { place, system: ownSystem }: CheckedSeries): string {
  const { metric, unit, value, mean = 0, ratio = 1, entries, since } = checked;
  const title = metricTitle(metric);
  const [before, after] = since === undefined ? [mean, value] : [since.before, since.after];
  const change = formatSignedPercent((since === undefined ? ratio : after / before) - 1);
  const values = `${change}, ${formatWithUnit(before, unit)} → ${formatWithUnit(after, unit)}`;
  const options = formatSystem(since?.system ?? ownSystem);
  const cause = options === "" ? "" : `; changed there: ${options}`;
  if (since === undefined) return `${title}: ${values}, against ${entries} entries (entry ${place})${cause}`;
  const how = since.kind === "drift" ? "slowly since" : "since";
  return `${title}: ${values}, ${how} entry ${since.place} (${since.bundle})${cause}`;
}

function findingLines(series: CheckedSeries, quote: (text: string) => string): string[] {
  return claims.flatMap(([outcome, word]) =>
    series.metrics
      .filter((one) => one.outcome === outcome)
      .map((one) => `${word}: ${quote(describeFinding(one, series))}`),
  );
}

/** What a reader must know of the figures. */
function notes(series: CheckedSeries): string[] {
  const { entry, metrics, differs, place } = series;
  const isSuspect = metrics.some(({ outcome, since }) => outcome === "suspect" && since === undefined);
  return [
    ...(isSuspect
      ? [
          `${formatCountOf(entry.counted, "run")} here: with five or more, a suspicion becomes a verdict (--runs 5).`,
        ]
      : []),
    ...(entry.invalid > 0 ? [`${formatCountOf(entry.invalid, "invalid run")} left out.`] : []),
    ...(entry.disturbed > 0 ? [`${entry.disturbed} of ${entry.counted} runs on a disturbed machine.`] : []),
    ...(place === 1 && differs.length > 0
      ? [`No history of this series. The most similar one differs: ${differs.join("; ")}.`]
      : []),
    ...(place === 1 && differs.length === 0 ? ["No history of this series."] : []),
    ...(place > 1 && metrics.some(({ outcome }) => outcome === "no-history")
      ? ["A verdict needs three entries since the last change."]
      : []),
  ];
}

/** Ends without a line break. */
export function formatHistoryCheck({ bundle, series }: HistoryCheck): string {
  const blocks = series.flatMap((one) => [
    "",
    `${describeSeries(one)}: entry ${one.place}, ${formatCountOf(one.entry.counted, "run")}`,
    formatTable(columns, one.metrics),
    ...findingLines(one, formatForeign),
    ...notes(one).map((note) => `Note: ${formatForeign(note)}`),
  ]);
  return [`HISTORY CHECK ${formatForeign(bundle)}`, ...blocks, "", verdictLine(series)].join("\n");
}

function verdictLine(series: readonly CheckedSeries[]): string {
  const all = series.flatMap(({ metrics }) => metrics);
  const count = (outcome: CheckedMetric["outcome"]) => all.filter((one) => one.outcome === outcome).length;
  const told = claims.flatMap(([outcome]) =>
    count(outcome) === 0 ? [] : [`${count(outcome)} × ${outcome}`],
  );
  const checked = all.length - count("no-history");
  if (checked === 0) return "NOTHING TO COMPARE WITH";
  const word = count("regression") > 0 ? "REGRESSION" : "NO REGRESSION";
  return `${word}: ${formatCountOf(checked, "metric")} checked${told.length === 0 ? "" : `, ${told.join(", ")}`}`;
}

/** For a comment on a pull request: the verdict, the findings, the table. */
export function formatHistoryCheckMarkdown({ series }: HistoryCheck): string {
  const [word, ...rest] = verdictLine(series).split(":");
  const blocks = series.flatMap((one) => {
    const found = findingLines(one, quoteMarkdown).map((line) => `- **${line.replace(":", "**:")}`);
    return [
      `### ${quoteMarkdown(describeSeries(one))}`,
      ...(found.length === 0 ? [] : [found.join("\n")]),
      formatMarkdownTable(columns, one.metrics),
      ...notes(one).map(quoteMarkdown),
    ];
  });
  const head = `**${word?.charAt(0)}${word?.slice(1).toLowerCase()}**`;
  return `${[rest.length === 0 ? head : `${head}:${rest.join(":")}`, ...blocks].join("\n\n")}\n`;
}

/** JUnit XML: a suite for each load, a case for each metric; a regression is a failure. */
export const formatHistoryCheckJunit = ({ series }: HistoryCheck): string =>
  formatTestSuites(series.map(suiteOf));

function suiteOf(series: CheckedSeries): TestSuite {
  const cases = series.metrics.map((checked): TestCase => {
    const name = `history: ${metricTitle(checked.metric)}`;
    const text = outcomeText(checked);
    if (checked.outcome === "no-history" || checked.outcome === "no-change") {
      return { name, secs: 0, output: text };
    }
    const message = describeFinding(checked, series);
    if (checked.outcome !== "regression") return { name, secs: 0, output: `${text}: ${message}` };
    return { name, secs: 0, trouble: { kind: "failure", type: "regression", message, text } };
  });
  return { name: describeSeries(series), startedAt: series.entry.at, cases };
}
