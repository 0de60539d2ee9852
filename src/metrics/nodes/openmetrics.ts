import { canonicalBound, escapeText, formatLabels, formatNumber, type Labels } from "./line.ts";
import { type MetricSample, parsePrometheus } from "./prometheus.ts";
import {
  bucketEdge,
  MetricsRecord,
  type RecordedColumn,
  type RecordedFamily,
  type RecordedGroup,
} from "./record.ts";

export interface OpenMetricsOptions {
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
 * Each series has the label `node`, unless that is empty; one that a node gave itself is `exported_node` then, as Prometheus does it. Bounds
 * of buckets are written as Prometheus writes them ("1.0"). What breaks the rules of its type (a counter that fell though
 * its node had not ended, or is not called "…_total"; a histogram without its last bucket), or has a name that another
 * family has too (a gauge that is called "…_bucket"), is of type "unknown", sample by sample.
 *
 * @see https://github.com/OpenObservability/OpenMetrics
 */
export function formatOpenMetrics(families: readonly RecordedFamily[], options: OpenMetricsOptions): string {
  return [...openMetricsTexts(families, options)].join("");
}

/** The same piece by piece, each of whole lines: long sweeps make more text than a string holds. */
export function* openMetricsTexts(
  families: readonly RecordedFamily[],
  options: OpenMetricsOptions,
): Generator<string> {
  for (const { name, type, help, series } of written(families, options.restarted)) {
    yield `# TYPE ${name} ${type}\n`;
    if (help !== undefined) yield `# HELP ${name} ${escapeText(help)}\n`;
    const reported = new Set<string>();
    for (const each of series) yield seriesText(each, { ...options, reported });
  }
  yield "# EOF\n";
}

/** @param told names and labels of the family's series before; of the same ones the first are told, as Prometheus does it */
function seriesText(
  { group, columns: all }: WrittenFamily["series"][number],
  { wallMsAt, reported }: OpenMetricsOptions & { readonly reported: Set<string> },
): string {
  const lines: string[] = [];
  const columns = all.filter((column) => !reported.has(headOf(group, group.columns[column])));
  const heads = columns.map((column) => headOf(group, group.columns[column]));
  for (const head of heads) reported.add(head);
  group.atMs.forEach((atMs, at) => {
    const time = secondsText(wallMsAt(atMs));
    columns.forEach((column, place) => {
      const value = group.rows[at]?.[column];
      if (value !== undefined) lines.push(`${heads[place]} ${formatNumber(value)} ${time}\n`);
    });
  });
  return lines.join("");
}

const secondsText = (wallMs: number) => (wallMs / 1000).toFixed(3);

/** A time as it stands in the text, milliseconds since 1970 UTC. */
export const writtenMs = (wallMs: number) => Math.round(Number(secondsText(wallMs)) * 1000);

function headOf({ node, labels }: RecordedGroup, column: RecordedColumn | undefined): string {
  const own = (column?.own ?? []).map(([name, bound]) => [name, canonicalBound(bound)] as const);
  // What nobody in particular showed has the labels that it came with.
  if (node === "") return `${column?.name}${formatLabels([...labels, ...own])}`;
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

function written(families: readonly RecordedFamily[], restarted: ReadonlySet<string>): WrittenFamily[] {
  const names = new Set(families.map(({ name }) => name));
  const each = families.map((family) => ({ family, own: ownForm(family, { names, restarted }) }));
  const claims = new Map<string, number>();
  for (const { own } of each) {
    for (const name of claimsOf(own)) claims.set(name, (claims.get(name) ?? 0) + 1);
  }
  const isClaimedTwice = (name: string) => (claims.get(name) ?? 0) > 1;
  return joinAlike(
    each.flatMap(({ family, own }) => ([...claimsOf(own)].some(isClaimedTwice) ? apart(family) : own)),
  );
}

/** A family by itself: whole, or sample by sample where it breaks the rules of its type. */
function ownForm(
  family: RecordedFamily,
  { names, restarted }: { readonly names: ReadonlySet<string>; readonly restarted: ReadonlySet<string> },
): WrittenFamily[] {
  const { name, type, help, groups } = family;
  const series = groups.map((group) => ({ group, columns: group.columns.map((_, at) => at) }));
  const whole = (as: string): WrittenFamily[] => [{ name: as, type, help, series }];
  if (type === "counter") {
    const as = name.replace(/_total$/, "");
    const isNamedSo = groups.every(({ columns }) =>
      columns.every((column) => /_(total|created)$/.test(column.name)),
    );
    const isFree = as === name || !names.has(as);
    return isNamedSo && isFree && groups.every((group) => risesIn(group, restarted))
      ? whole(as)
      : apart(family);
  }
  if (type === "unknown") return apart(family);
  if (type === "histogram") return groups.every(isWholeHistogram) ? whole(name) : apart(family);
  return whole(name);
}

/** Names that no other family may have, as a name or of its samples. */
function claimsOf(families: readonly WrittenFamily[]): ReadonlySet<string> {
  return new Set(
    families.flatMap(({ name, series }) => [
      name,
      ...series.flatMap(({ group, columns }) => columns.map((at) => group.columns[at]?.name ?? name)),
    ]),
  );
}

/** What was set apart from several families under one name is one family. */
function joinAlike(families: readonly WrittenFamily[]): WrittenFamily[] {
  const joined = new Map<string, WrittenFamily>();
  for (const family of families) {
    const known = joined.get(family.name);
    const series = [...(known?.series ?? []), ...family.series];
    joined.set(family.name, { ...(known ?? family), series });
  }
  return [...joined.values()];
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
  const edges = columns.filter(({ name }) => name.endsWith("_bucket")).map(bucketEdge);
  return (
    edges.at(-1) === Number.POSITIVE_INFINITY &&
    edges.every((edge, at) => at === 0 || edge > (edges[at - 1] ?? 0))
  );
}

/**
 * What `formatOpenMetrics` wrote, as if the nodes were looked at once more; times are wall time, milliseconds since 1970
 * UTC. What lost its type there (see there) comes back sample by sample. @throws BaleenError as `parsePrometheus`
 */
export function readOpenMetrics(text: string): readonly RecordedFamily[] {
  const shown = parsePrometheus(text).flatMap((family) =>
    family.samples.map((sample) => ({
      family,
      ...ofNode(sample),
      atMs: Math.round(sample.timestampMs ?? Number.NaN),
    })),
  );
  const record = new MetricsRecord(["*"]);
  // One look after another, each in the order of the text.
  for (const { family, node, sample, atMs } of shown.sort((a, b) => a.atMs - b.atMs)) {
    record.add(node, atMs, [{ ...family, samples: [sample] }]);
  }
  return record.families();
}

/** The node that showed it, and the sample as that node showed it. */
function ofNode({ series, ...sample }: MetricSample) {
  const labels = series.labels.filter(([name]) => name !== nodeLabel);
  const key = `${series.name}${formatLabels(labels)}`;
  const node = series.labels.find(([name]) => name === nodeLabel)?.[1] ?? "";
  return { node, sample: { ...sample, series: { name: series.name, labels, key } } };
}
