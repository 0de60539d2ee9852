/** A strict reader of Prometheus' text format 0.0.4: what it does not take, a scraper may not take either. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * @throws Error on any breach: a line that is none, a family without HELP and TYPE before its samples or told twice, a
 * series told twice, a histogram that does not add up, a negative counter
 */
export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, Family>();
  const lines = text.slice(0, -1).split("\n");
  for (let at = 0; at < lines.length; ) {
    const [, name = "", help = ""] =
      /^# HELP (\S+) (.+)$/.exec(lines[at] ?? "") ?? fail(lines[at], "no HELP");
    const [, typed, type = ""] =
      /^# TYPE (\S+) (\w+)$/.exec(lines[at + 1] ?? "") ?? fail(lines[at + 1], "no TYPE");
    if (typed !== name || !namePattern.test(name)) fail(lines[at + 1], "another name");
    if (!["counter", "gauge", "histogram"].includes(type)) fail(lines[at + 1], "unknown type");
    if (families.has(name)) fail(lines[at], "told before");
    const samples: Sample[] = [];
    for (at += 2; at < lines.length && !lines[at]?.startsWith("#"); at++)
      samples.push(parseSample(lines[at] ?? ""));
    const family = { name, type, help, samples };
    checkFamily(family);
    families.set(name, family);
  }
  return families;
}

function parseSample(line: string): Sample {
  const [, name = "", labels = "", text = ""] =
    /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? fail(line, "no sample");
  if (!namePattern.test(name)) fail(line, "no name");
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
  const read: Record<string, string> = {};
  while (pair.lastIndex < labels.length) {
    const [, label = "", value = ""] = pair.exec(labels) ?? fail(line, "bad labels");
    if (label in read) fail(line, "a label twice");
    read[label] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
  }
  const special: Record<string, number> = { "+Inf": Infinity, "-Inf": -Infinity, NaN: Number.NaN };
  const value =
    special[text] ?? (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined);
  if (value === undefined) fail(line, "no number");
  return { name, labels: read, value: value as number };
}

function checkFamily({ name, type, samples }: Family): void {
  const seen = new Set<string>();
  for (const sample of samples) {
    const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(series)) fail(series, "told twice");
    seen.add(series);
    const suffix = sample.name.slice(name.length);
    const allowed = type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    if (!sample.name.startsWith(name) || !allowed.includes(suffix)) fail(sample.name, `not of ${name}`);
    if (type === "counter" && !(sample.value >= 0)) fail(sample.name, "a counter below 0");
  }
  if (type === "histogram") checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => (labels.le === "+Inf" ? Infinity : Number(labels.le)));
  const values = buckets.map(({ value }) => value);
  const [sum, count] = ["_sum", "_count"].map((suffix) =>
    samples.find((sample) => sample.name === name + suffix),
  );
  if (sum === undefined || count === undefined || bounds.at(-1) !== Infinity) fail(name, "not whole");
  if (bounds.some((bound, i) => !(bound > (bounds[i - 1] ?? -Infinity)))) fail(name, "bounds do not ascend");
  if (values.some((value, i) => value < (values[i - 1] ?? 0))) fail(name, "buckets do not add up");
  if (values.at(-1) !== count?.value) fail(name, "the last bucket is not the count");
}

function fail(what: string | undefined, why: string): never {
  throw new Error(`${why}: ${what ?? "end of text"}`);
}

/** What a validator tells at an address where it gives its metrics. */
export async function scrape({ host, port }: { readonly host: string; readonly port: number }) {
  const reply = await fetch(`http://${host}:${port}/metrics`, { signal: AbortSignal.timeout(15_000) });
  return parsePrometheus(await reply.text());
}

/**
 * Adds up the series of a counter or gauge: those with such labels, or all.
 *
 * @throws where there is no such metric
 */
export function sumOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  matches: (labels: Sample["labels"]) => boolean = () => true,
): number {
  const { samples } = families.get(name) ?? fail(name, "no such metric");
  return samples.filter(({ labels }) => matches(labels)).reduce((sum, { value }) => sum + value, 0);
}

/** A quantile read off a histogram as Prometheus' histogram_quantile does: straight between two bounds. */
export function quantileOf(family: Family, q: number): number {
  const buckets = family.samples.filter(({ name }) => name.endsWith("_bucket"));
  const total = buckets.at(-1)?.value ?? 0;
  const at = buckets.findIndex(({ value }) => value >= q * total);
  const upper = Number(buckets[at]?.labels.le);
  const below =
    at === 0
      ? { bound: 0, value: 0 }
      : { bound: Number(buckets[at - 1]?.labels.le), value: buckets[at - 1]?.value ?? 0 };
  return (
    below.bound +
    ((upper - below.bound) * (q * total - below.value)) / ((buckets[at]?.value ?? 0) - below.value)
  );
}
