import { escapeText, formatLabels, formatNumber, type Labels } from "./prometheus-line.ts";
import type { RecordedColumn, RecordedFamily, RecordedGroup } from "./prometheus-record.ts";

export interface OpenMetricsTerms {
  /** Wall time of a moment of the record, milliseconds since 1970 UTC. */
  readonly wallMsAt: (atMs: number) => number;
  /** Nodes that ended or were started again, so that their counters began anew. */
  readonly restarted: ReadonlySet<string>;
}

/** A family as it is written. */
interface WrittenFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string | undefined;
  readonly series: readonly { readonly group: RecordedGroup; readonly columns: readonly number[] }[];
}

/** Names of nodes stand in this label, as every series' own. */
const nodeLabel = "node";

/**
 * What was recorded, as OpenMetrics text with timestamps, which `promtool tsdb create-blocks-from openmetrics` takes.
 *
 * Each series has the label `node`; one that a node gave itself is `exported_node` then, as Prometheus does it. Bounds
 * of buckets are written as Prometheus writes them ("1.0"). What breaks the rules of its type (a counter that fell though
 * its node had not ended, or is not called "…_total"; a histogram without its last bucket) is of type "unknown", sample
 * by sample.
 *
 * @see https://github.com/OpenObservability/OpenMetrics
 */
export function formatOpenMetrics(families: readonly RecordedFamily[], terms: OpenMetricsTerms): string {
  const lines: string[] = [];
  for (const { name, type, help, series } of written(families, terms.restarted)) {
    lines.push(`# TYPE ${name} ${type}`);
    if (help !== undefined) lines.push(`# HELP ${name} ${escapeText(help)}`);
    for (const each of series) addSeries(lines, each, terms);
  }
  lines.push("# EOF\n");
  return lines.join("\n");
}

function addSeries(
  lines: string[],
  { group, columns }: WrittenFamily["series"][number],
  { wallMsAt }: OpenMetricsTerms,
): void {
  const heads = columns.map((column) => headOf(group, group.columns[column]));
  group.atMs.forEach((atMs, at) => {
    const time = (wallMsAt(atMs) / 1000).toFixed(3);
    columns.forEach((column, place) => {
      const value = group.rows[at]?.[column];
      if (value !== undefined) lines.push(`${heads[place]} ${formatNumber(value)} ${time}`);
    });
  });
}

function headOf({ node, labels }: RecordedGroup, column: RecordedColumn | undefined): string {
  const own = (column?.own ?? []).map(([name, bound]) => [name, canonicalBound(bound)] as const);
  const taken = new Set(labels.map(([name]) => name));
  const others = labels.map(
    ([name, value]) => [name === nodeLabel ? exportedName(taken) : name, value] as const,
  );
  const all: Labels = [[nodeLabel, node], ...others, ...own];
  return `${column?.name}${formatLabels(all)}`;
}

/** As Prometheus does it: one that is taken gets the word once more. */
function exportedName(taken: ReadonlySet<string>): string {
  let name = `exported_${nodeLabel}`;
  while (taken.has(name)) name = `exported_${name}`;
  return name;
}

/** As Go writes a floating-point number, with ".0" behind whole ones: what Prometheus makes of `le` and `quantile`. */
export function canonicalBound(text: string): string {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) return text;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function written(families: readonly RecordedFamily[], restarted: ReadonlySet<string>): WrittenFamily[] {
  const taken = new Set(families.map(({ name }) => name));
  return families.flatMap((family) => {
    const { name, type, help, groups } = family;
    const whole = (as: string): WrittenFamily[] => [
      {
        name: as,
        type,
        help,
        series: groups.map((group) => ({ group, columns: group.columns.map((_, at) => at) })),
      },
    ];
    if (type === "counter") {
      const as = name.replace(/_total$/, "");
      const isNamedSo = groups.every(({ columns }) =>
        columns.every((column) => /_(total|created)$/.test(column.name)),
      );
      const isFree = as === name || !taken.has(as);
      return isNamedSo && isFree && groups.every((group) => risesIn(group, restarted))
        ? whole(as)
        : apart(family);
    }
    if (type === "unknown") return apart(family);
    if (type === "histogram") return groups.every(isWholeHistogram) ? whole(name) : apart(family);
    return whole(name);
  });
}

/** Each sample name a family of its own. */
function apart({ help, groups }: RecordedFamily): WrittenFamily[] {
  const names = new Set(groups.flatMap(({ columns }) => columns.map(({ name }) => name)));
  return [...names].map((name) => ({
    name,
    type: "unknown",
    help,
    series: groups.flatMap((group) =>
      group.columns.flatMap((column, at) => (column.name === name ? [{ group, columns: [at] }] : [])),
    ),
  }));
}

/** A counter never falls, unless its node has begun anew. */
function risesIn({ node, rows }: RecordedGroup, restarted: ReadonlySet<string>): boolean {
  const last: number[] = [];
  return rows.every((row) =>
    row.every((value, column) => {
      const before = last[column] ?? 0;
      if (value === undefined) return true;
      last[column] = value;
      return value >= before || (restarted.has(node) && value >= 0);
    }),
  );
}

function isWholeHistogram({ columns }: RecordedGroup): boolean {
  const bounds = columns.filter(({ name }) => name.endsWith("_bucket")).map(({ own }) => own[0]?.[1] ?? "");
  const numbers = bounds.map((bound) => (bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound)));
  return (
    numbers.at(-1) === Number.POSITIVE_INFINITY &&
    numbers.every((bound, at) => at === 0 || bound > (numbers[at - 1] ?? 0))
  );
}
