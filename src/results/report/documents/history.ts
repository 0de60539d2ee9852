/** A history of bundles, for people: its series, and one of them with its changes. */
import type {
  HistoryChange,
  HistoryEntry,
  HistoryMetric,
  HistorySeries,
  ListedSeries,
  ShownSeries,
} from "../../../contracts/results/history.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";
import { publishedMetric } from "../../analysis/history/changes.ts";
import { historyMetricNames, keptMetric, unitOf } from "../../analysis/history/metrics.ts";
import {
  formatAsked,
  formatBytes,
  formatCountOf,
  formatFigure,
  formatSignedPercent,
  seen,
} from "../text/figures.ts";
import { formatMarkdownTable, quoteMarkdown } from "../text/markdown-text.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

/** Parameters that the name of a series tells, and how; those that are missing are left out. */
const told: Readonly<Record<string, (value: string) => string>> = {
  nodes: (value) => `${value} nodes`,
  duration: (value) => `${value} s`,
  transaction_size: (value) => `${value} B`,
  links: (value) => `links ${value}`,
  timeline: (value) => `timeline ${value}`,
};

/** "mysticeti on a local network (process), 50 tx/s, 4 nodes, 60 s, 512 B, 2 × AMD EPYC". */
export function describeSeries(series: HistorySeries): string {
  const { protocol, networkType, runtime, loadTps, loadUnit, machines, parameters } = series;
  const parts = Object.entries(told).flatMap(([name, show]) => {
    const value = parameters[name];
    return value === undefined || value === "-" ? [] : [show(value)];
  });
  const head = `${protocol} on a ${networkType} network (${runtime})`;
  const words = [head, `${formatAsked(loadTps)} ${loadUnit}`, ...parts, ...machines];
  return formatForeign(words.join(", "));
}

const metricOf = (published: HistoryChange["metric"]): HistoryMetric =>
  historyMetricNames.find((name) => publishedMetric[name] === published) ?? "throughput";

/** "p99 latency". */
export const metricTitle = (published: HistoryChange["metric"]) => keptMetric(metricOf(published)).title;

/** A value without its unit, which the head of a column has; bytes have it themselves. */
export const formatValue = (value: number, unit: string) =>
  unit === "bytes" ? formatBytes(value) : formatFigure(value);

/** "160.2 ms". */
export const formatWithUnit = (value: number, unit: string) =>
  unit === "bytes" ? formatBytes(value) : `${formatFigure(value)} ${unit}`;

export const headOf = (title: string, unit: string) => (unit === "bytes" ? title : `${title}, ${unit}`);

/** What an entry is called: its commit, its name, or its bundle. */
export function labelOf({ tags, name, bundle }: Pick<HistoryEntry, "tags" | "name" | "bundle">): string {
  const commit = tags?.commit;
  return commit === undefined ? (name ?? bundle) : commit.slice(0, 12);
}

/** "min_round_delay_ms 50 → 70"; empty where nothing differs. */
export const formatSystem = (system: Readonly<Record<string, string>>): string =>
  Object.entries(system)
    .map(([name, values]) => `${name} ${values}`)
    .join(", ");

/** "p50 latency +9.9 % (160.2 ms → 176.0 ms) from entry 21, min_round_delay_ms 50 → 70". */
export function describeChange(change: HistoryChange, series: Pick<HistorySeries, "throughputUnit">): string {
  const { metric, place, ratio, before, after, system } = change;
  const unit = unitOf(metricOf(metric), series);
  const values = `${formatWithUnit(before, unit)} → ${formatWithUnit(after, unit)}`;
  const options = formatSystem(system);
  return `${metricTitle(metric)} ${formatSignedPercent(ratio - 1)} (${values}) from entry ${place}${options === "" ? "" : `; changed there: ${options}`}`;
}

const dayOf = (at: string) => at.slice(0, 16).replace("T", " ");

/** All series of a history. Ends without a line break. */
export function formatHistoryList({ series }: ListedSeries, folder: string): string {
  if (series.length === 0) {
    return `There is no history in ${formatForeign(folder)}. Add bundles with: npx baleen history add BUNDLE`;
  }
  type Row = ListedSeries["series"][number];
  const latency = ({ last }: Row) => last.p50_latency ?? last.avg_latency;
  const columns: readonly Column<Row>[] = [
    left("\nSeries", ({ id }) => id),
    right("\nEntries", ({ entries }) => String(entries)),
    left("Latest\n(UTC)", ({ lastAt }) => dayOf(lastAt)),
    right("Through-\nput", ({ last }) => seen(last.throughput, formatFigure)),
    right("p50\nms", (row) => seen(latency(row), formatFigure)),
    left("\nLast change", (row) =>
      seen(
        row.lastChange,
        (change) => `${change.isWorse ? "worse" : "better"}: ${formatForeign(describeChange(change, row))}`,
      ),
    ),
  ];
  const names = series.map((one) => `${one.id}: ${describeSeries(one)}`);
  return [formatTable(columns, series), "", ...names, ...apartLines(series)].join("\n");
}

/** Where series have one name, what else tells them apart. */
function apartLines(series: readonly HistorySeries[]): string[] {
  return [...Map.groupBy(series, describeSeries).values()].flatMap((alike) => {
    if (alike.length < 2) return [];
    const names = [...new Set(alike.flatMap(({ parameters }) => Object.keys(parameters)))].filter(
      (name) => new Set(alike.map(({ parameters }) => parameters[name])).size > 1,
    );
    return alike.map(({ id, parameters }) => {
      const values = names.map((name) => `${name} ${parameters[name] ?? "-"}`).join(", ");
      return formatForeign(`${id}: ${values}`);
    });
  });
}

/** A row of the table of a series: an entry with its place. */
interface EntryRow {
  readonly entry: HistoryEntry;
  readonly place: number;
  readonly changes: readonly HistoryChange[];
}

function entryColumns(series: HistorySeries, quote: (text: string) => string): Column<EntryRow>[] {
  return [
    right("#", ({ place }) => String(place)),
    left("Start (UTC)", ({ entry }) => dayOf(entry.at)),
    left("Bundle", ({ entry }) => quote(labelOf(entry))),
    right("Runs", ({ entry: { counted, invalid } }) =>
      invalid === 0 ? String(counted) : `${counted} of ${counted + invalid}`,
    ),
    ...historyMetricNames.map((metric) => {
      const unit = unitOf(metric, series);
      return right<EntryRow>(headOf(keptMetric(metric).title, unit), ({ entry: { values } }) =>
        seen(values[metric], (all) => formatValue(meanOf(all), unit)),
      );
    }),
    left("", ({ changes }) =>
      changes.map((one) => `${metricTitle(one.metric)} ${one.isWorse ? "worse" : "better"}`).join(", "),
    ),
  ];
}

const rowsOf = ({ entries, changes }: ShownSeries): EntryRow[] =>
  entries.map((entry, index) => ({
    entry,
    place: index + 1,
    changes: changes.filter(({ place }) => place === index + 1),
  }));

const changeLines = (series: ShownSeries) =>
  series.changes.map(
    (change) =>
      `${change.isWorse ? "Worse" : "Better"}: ${describeChange(change, series)} (${change.bundle})`,
  );

const twoLines = (column: Column<EntryRow>): Column<EntryRow> => {
  const [title = "", unit] = column.head.split(", ");
  return { ...column, head: unit === undefined ? `\n${title}` : `${title}\n${unit}` };
};

/** A series, an entry a row, and its changes. Ends without a line break. */
export function formatHistorySeries(series: ShownSeries): string {
  const columns = entryColumns(series, formatForeign).map(twoLines);
  const lines = changeLines(series).map((line) => `  ${formatForeign(line)}`);
  return [
    `SERIES ${series.id}: ${describeSeries(series)}`,
    `Latency: ${series.latencyKind}. Values are means over ${formatCountOf(series.entries.length, "entry", "entries")} of runs.`,
    "",
    formatTable(columns, rowsOf(series)),
    "",
    ...(lines.length === 0 ? ["CHANGES: none was found"] : ["CHANGES:", ...lines]),
  ].join("\n");
}

/** The same as Markdown, for a comment. */
export function formatHistoryMarkdown(series: ShownSeries): string {
  const lines = changeLines(series).map((line) => `- ${quoteMarkdown(line)}`);
  return `${[
    `### ${quoteMarkdown(describeSeries(series))}`,
    lines.length === 0 ? "No change was found." : lines.join("\n"),
    formatMarkdownTable(entryColumns(series, quoteMarkdown), rowsOf(series)),
  ].join("\n\n")}\n`;
}
