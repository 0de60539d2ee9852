import type { MetricFamily, MetricSample, MetricType } from "./prometheus.ts";
import { formatLabels, type Labels } from "./prometheus-line.ts";

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
  readonly places: Map<string, number>;
  readonly atMs: number[];
  readonly rows: (number | undefined)[][];
}

interface OpenFamily {
  readonly name: string;
  type: MetricType;
  readonly help: string | undefined;
  readonly groups: Map<string, OpenGroup>;
}

const byNumber = new Intl.Collator("en", { numeric: true });

/** What nodes showed in a run, of the metrics that are worth keeping. */
export class MetricsRecord {
  readonly #keep: readonly ((name: string) => boolean)[];
  readonly #families = new Map<string, OpenFamily>();
  #samples = 0;

  /** @param keep names of metrics, or beginnings of names that end in "*" */
  constructor(keep: readonly string[]) {
    this.#keep = keep.map((wanted) =>
      wanted.endsWith("*")
        ? (name) => name.startsWith(wanted.slice(0, -1))
        : (name) => name === wanted || `${name}_total` === wanted,
    );
  }

  /** Samples that are held. */
  get samples(): number {
    return this.#samples;
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

  /**
   * Keeps what one node showed.
   *
   * @param atMs when it was asked, monotonic; later than its time before
   * @returns how many samples were kept
   */
  add(node: string, atMs: number, shown: readonly MetricFamily[]): number {
    const before = this.#samples;
    for (const family of shown) {
      if (!this.#keep.some((isWanted) => isWanted(family.name))) continue;
      const { groups } = this.#family(family);
      for (const sample of family.samples) this.#addSample(groups, { node, atMs, sample, type: family.type });
    }
    return this.#samples - before;
  }

  #family({ name, type, help }: MetricFamily): OpenFamily {
    const known = this.#families.get(name);
    if (known === undefined) {
      const family = { name, type, help, groups: new Map() };
      this.#families.set(name, family);
      return family;
    }
    if (known.type !== type) known.type = "unknown";
    return known;
  }

  #addSample(
    groups: Map<string, OpenGroup>,
    { node, atMs, sample, type }: { node: string; atMs: number; sample: MetricSample; type: MetricType },
  ): void {
    const [own, labels] = split(sample.labels, ownLabel[type]);
    const key = node + formatLabels(labels);
    let group = groups.get(key);
    if (group === undefined) {
      group = { node, labels, columns: [], places: new Map(), atMs: [], rows: [] };
      groups.set(key, group);
    }
    const column = sample.name + formatLabels(own);
    let place = group.places.get(column);
    if (place === undefined) {
      place = group.columns.push({ name: sample.name, own }) - 1;
      group.places.set(column, place);
    }
    if (group.atMs.at(-1) !== atMs) {
      group.atMs.push(atMs);
      group.rows.push([]);
    }
    const row = group.rows.at(-1);
    if (row !== undefined) row[place] = sample.value;
    this.#samples++;
  }
}

const noLabels: Labels = [];

/** Labels of that name, and the others. */
function split(labels: Labels, name: string | undefined): readonly [own: Labels, others: Labels] {
  if (name === undefined || !labels.some(([label]) => label === name)) return [noLabels, labels];
  return [labels.filter(([label]) => label === name), labels.filter(([label]) => label !== name)];
}
