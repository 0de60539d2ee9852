import { canonicalBound, formatLabels, type Labels, type Series } from "./line.ts";
import type { MetricFamily, MetricType } from "./prometheus.ts";

/** One metric of one node over the time: a histogram's buckets, sum and count are columns of it. */
export interface RecordedGroup {
  readonly node: string;
  /** Without those that tell its columns apart. */
  readonly labels: Labels;
  readonly columns: readonly RecordedColumn[];
  /** When each row was asked for, on the monotonic clock; rising. */
  readonly atMs: readonly number[];
  /** By moment, then by column; undefined: it was not told then. */
  readonly rows: readonly (readonly (number | undefined)[])[];
}

export interface RecordedColumn {
  /** Of the sample: "requests_seconds_bucket". */
  readonly name: string;
  /** `le` or `quantile`, where there is one. */
  readonly own: Labels;
}

/** Upper edge of a histogram's bucket. */
export function bucketEdge({ own: [bound] }: RecordedColumn): number {
  return bound?.[1] === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound?.[1] ?? "");
}

export interface RecordedFamily {
  readonly name: string;
  /** "unknown" where nodes do not agree. */
  readonly type: MetricType;
  readonly help: string | undefined;
  readonly groups: readonly RecordedGroup[];
}

/** Labels that tell samples of one metric apart. */
const ownLabel: Readonly<Partial<Record<MetricType, string>>> = {
  histogram: "le",
  gaugehistogram: "le",
  summary: "quantile",
};

interface OpenGroup extends RecordedGroup {
  readonly columns: RecordedColumn[];
  readonly atMs: number[];
  readonly rows: (number | undefined)[][];
}

/** Where a series of a node is kept. */
interface Place {
  readonly group: OpenGroup;
  readonly column: number;
}

interface OpenFamily {
  readonly name: string;
  type: MetricType;
  readonly help: string | undefined;
  readonly groups: Map<string, OpenGroup>;
  /** By node, then by series. */
  readonly places: Map<string, Map<string, Place>>;
}

const byNumber = new Intl.Collator("en", { numeric: true });

/** What nodes showed in a run, of the metrics that are worth keeping. */
export class MetricsRecord {
  readonly #keep: readonly ((name: string) => boolean)[];
  readonly #families = new Map<string, OpenFamily>();
  readonly #mostSamples: number;
  #samples = 0;
  #full = false;

  /** @param keep names of metrics, or beginnings of names that end in "*" @param mostSamples that are held */
  constructor(keep: readonly string[], mostSamples = Number.POSITIVE_INFINITY) {
    this.#mostSamples = mostSamples;
    this.#keep = keep.map((wanted) =>
      wanted.endsWith("*")
        ? (name) => name.startsWith(wanted.slice(0, -1))
        : (name) => name === wanted || `${name}_total` === wanted,
    );
  }

  get samples(): number {
    return this.#samples;
  }

  /** It had no room for what a node showed, and keeps nothing more. */
  get isFull(): boolean {
    return this.#full;
  }

  /** By name, and in each by node: a hundredth one stands behind the second. */
  families(): readonly RecordedFamily[] {
    return [...this.#families.values()]
      .map((family) => ({
        ...family,
        groups: [...family.groups.values()].sort((a, b) => byNumber.compare(a.node, b.node)),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Keeps all that one node showed, or nothing. @param atMs monotonic, rising @returns how many samples were kept */
  add(node: string, atMs: number, shown: readonly MetricFamily[]): number {
    const wanted = shown.filter(({ name }) => this.#keep.some((isWanted) => isWanted(name)));
    const count = wanted.reduce((sum, { samples }) => sum + samples.length, 0);
    this.#full ||= this.#samples + count > this.#mostSamples;
    if (this.#full) return 0;
    const before = this.#samples;
    for (const family of wanted) {
      const known = this.#family(family);
      for (const sample of family.samples) {
        const { group, column } = placeOf(known, node, sample.series);
        if (group.atMs.at(-1) !== atMs) {
          group.atMs.push(atMs);
          group.rows.push(new Array<number | undefined>(group.columns.length).fill(undefined));
        }
        const row = group.rows[group.rows.length - 1];
        if (row === undefined || row[column] !== undefined) continue;
        row[column] = sample.value;
        this.#samples++;
      }
    }
    return this.#samples - before;
  }

  #family({ name, type, help }: MetricFamily): OpenFamily {
    const known = this.#families.get(name);
    if (known === undefined) {
      const family = { name, type, help, groups: new Map(), places: new Map() };
      this.#families.set(name, family);
      return family;
    }
    if (known.type !== type) known.type = "unknown";
    return known;
  }
}

function placeOf(family: OpenFamily, node: string, series: Series): Place {
  let places = family.places.get(node);
  if (places === undefined) {
    places = new Map();
    family.places.set(node, places);
  }
  let place = places.get(series.key);
  if (place === undefined) {
    place = makePlace(family, node, series);
    places.set(series.key, place);
  }
  return place;
}

function makePlace({ groups, type }: OpenFamily, node: string, series: Series): Place {
  const [own, labels] = split(series.labels, ownLabel[type]);
  const key = `${node} ${formatLabels(labels)}`;
  const group = groups.get(key) ?? { node, labels, columns: [], atMs: [], rows: [] };
  groups.set(key, group);
  // "1" and "1.0" are one bound: Prometheus makes one series of them.
  const known = group.columns.findIndex(
    (column) => column.name === series.name && haveSameBound(column.own, own),
  );
  return { group, column: known >= 0 ? known : group.columns.push({ name: series.name, own }) - 1 };
}

function haveSameBound([a]: Labels, [b]: Labels): boolean {
  return a === undefined || b === undefined ? a === b : canonicalBound(a[1]) === canonicalBound(b[1]);
}

const noLabels: Labels = [];

/** Labels of that name, and the others. */
function split(labels: Labels, name: string | undefined): readonly [own: Labels, others: Labels] {
  if (name === undefined || !labels.some(([label]) => label === name)) return [noLabels, labels];
  return [labels.filter(([label]) => label === name), labels.filter(([label]) => label !== name)];
}
