import { BaleenError } from "../../core/errors.ts";
import {
  isMetricName,
  LineError,
  parseNumber,
  type SampleLine,
  SampleReader,
  type Series,
  unescapeText,
} from "./line.ts";

/** What a family's samples are called behind its name. */
const suffixes = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
  gaugehistogram: ["_bucket", "_gsum", "_gcount"],
  info: ["_info"],
  stateset: [""],
  /** Also where no type is told. */
  unknown: [""],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type MetricType = keyof typeof suffixes;

export interface MetricSample {
  /** Its name has what its family adds to its own: "requests_seconds_bucket". */
  readonly series: Series;
  readonly value: number;
  /** Milliseconds since 1970 UTC, where one is told. */
  readonly timestampMs?: number | undefined;
}

export interface MetricFamily {
  /** A counter's is without "_total" in OpenMetrics alone. */
  readonly name: string;
  readonly type: MetricType;
  readonly help?: string | undefined;
  /** In the order of the text. */
  readonly samples: readonly MetricSample[];
}

const openMetricsSuffixes: Readonly<Record<MetricType, readonly string[]>> = {
  ...suffixes,
  counter: ["_total", "_created"],
  histogram: [...suffixes.histogram, "_created"],
  summary: [...suffixes.summary, "_created"],
};

/** Those that tell a sample's family from its name; the longest first, of those that end alike. */
const familySuffixes = /_(bucket|sum|count|total|created|gsum|gcount|info)$/;

/** OpenMetrics ends with it, and nothing else does. */
const endMark = "# EOF";

/**
 * Reads what a node shows at /metrics: Prometheus' text format 0.0.4, or OpenMetrics 1.0, which is told by its end mark.
 * Samples of a family may stand apart; names in quotes, which only those see who ask for them, are not read.
 *
 * @param reader remembers series; one for each node makes reading it again and again cheap
 * @returns families in the order in which they are first named
 * @throws BaleenError prometheus-format, at the first line that is wrong
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parsePrometheus(text: string, reader = new SampleReader()): readonly MetricFamily[] {
  const isOpenMetrics = text.endsWith(`${endMark}\n`) || text.endsWith(endMark);
  const families = new Families(isOpenMetrics, reader);
  let line = 0;
  try {
    for (let start = 0; start < text.length; ) {
      line++;
      const end = text.indexOf("\n", start);
      // OpenMetrics' end mark may be the last thing of all.
      if (end < 0 && !(isOpenMetrics && text.slice(start) === endMark))
        throw new LineError("a line break at its end");
      const content = text.slice(start, end < 0 ? text.length : end);
      start = end < 0 ? text.length : end + 1;
      families.add(content.endsWith("\r") ? content.slice(0, -1) : content);
    }
  } catch (error) {
    throw error instanceof LineError ? atLine(line, error) : error;
  }
  return families.all();
}

function atLine(line: number, cause: LineError): BaleenError {
  const message = `line ${line} of the metrics is wrong: expected ${cause.message}`;
  return new BaleenError("prometheus-format", message, { cause });
}

interface OpenFamily {
  readonly name: string;
  type?: MetricType;
  help?: string;
  readonly samples: MetricSample[];
  /** By name and labels: the latest timestamp, or that there is none. */
  readonly seen: Map<string, number | undefined>;
}

class Families {
  readonly #isOpenMetrics: boolean;
  readonly #reader: SampleReader;
  readonly #byName = new Map<string, OpenFamily>();
  #latest: { readonly name: string; readonly family: OpenFamily } | undefined;
  #isEnded = false;

  constructor(isOpenMetrics: boolean, reader: SampleReader) {
    this.#isOpenMetrics = isOpenMetrics;
    this.#reader = reader;
  }

  add(line: string): void {
    if (this.#isEnded) throw new LineError("nothing after the end mark");
    const reported = /^[ \t]/.test(line) ? line.replace(/^[ \t]+/, "") : line;
    if (reported === "") {
      if (this.#isOpenMetrics) throw new LineError("no empty line");
    } else if (reported.startsWith("#")) this.#addComment(reported);
    else this.#addSample(this.#reader.read(reported));
  }

  all(): readonly MetricFamily[] {
    return [...this.#byName.values()].map(({ seen, type = "unknown", ...family }) => ({ ...family, type }));
  }

  #addComment(line: string): void {
    if (this.#isOpenMetrics && line === endMark) this.#isEnded = true;
    const [, keyword, name = "", rest = ""] =
      /^#[ \t]+(HELP|TYPE)(?:[ \t]+([^ \t]+)(?:[ \t](.*))?)?$/.exec(line) ?? [];
    if (keyword === undefined) return;
    if (!isMetricName(name)) throw new LineError(`the name of a metric after ${keyword}`);
    const family = this.#family(name);
    if (keyword === "HELP") {
      if (family.help !== undefined) throw new LineError(`HELP of ${name} only once`);
      family.help = unescapeText(rest);
    } else {
      if (family.type !== undefined) throw new LineError(`TYPE of ${name} only once`);
      if (family.samples.length > 0) throw new LineError(`TYPE of ${name} before its samples`);
      family.type = typeOf(rest.trim());
    }
  }

  #addSample({ series, value, timestamp, exemplar }: SampleLine): void {
    if (exemplar !== undefined) this.#checkExemplar(exemplar);
    const timestampMs = timestamp === undefined ? undefined : this.#readTimestamp(timestamp);
    const family = this.#familyOf(series.name);
    const { key } = series;
    if (family.seen.has(key)) {
      const earlier = family.seen.get(key);
      const isLater = earlier !== undefined && timestampMs !== undefined && timestampMs > earlier;
      if (!isLater) throw new LineError(`${key} only once, or later than before`);
    }
    family.seen.set(key, timestampMs);
    family.samples.push({ series, value, timestampMs });
  }

  #checkExemplar(text: string): void {
    if (!this.#isOpenMetrics) throw new LineError("the end of the line");
    const reported = text.replace(/^[ \t]+/, "");
    if (!reported.startsWith("{")) throw new LineError("labels of an exemplar");
    // Labels, a value, and perhaps a time: a sample's line but for its name.
    new SampleReader().read(`exemplar${reported}`);
  }

  #readTimestamp(text: string): number {
    if (this.#isOpenMetrics) return Math.round(parseNumber(text) * 1000);
    if (!/^-?\d+$/.test(text)) throw new LineError("a time in whole milliseconds");
    return Number(text);
  }

  #family(name: string): OpenFamily {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const family: OpenFamily = { name, samples: [], seen: new Map() };
    this.#byName.set(name, family);
    return family;
  }

  #familyOf(name: string): OpenFamily {
    // Samples of one name mostly follow each other.
    if (this.#latest?.name !== name) this.#latest = { name, family: this.#findFamily(name) };
    return this.#latest.family;
  }

  /** One whose type has samples of such a name, else one of that name. */
  #findFamily(name: string): OpenFamily {
    const allowed = this.#isOpenMetrics ? openMetricsSuffixes : suffixes;
    const at = name.search(familySuffixes);
    const owner = at > 0 ? this.#byName.get(name.slice(0, at)) : undefined;
    if (owner?.type !== undefined && (allowed[owner.type] as readonly string[]).includes(name.slice(at)))
      return owner;
    const family = this.#family(name);
    if (!(allowed[family.type ?? "unknown"] as readonly string[]).includes("")) {
      throw new LineError(`a sample of the ${family.type} ${name}, which has no sample of that exact name`);
    }
    return family;
  }
}

function typeOf(text: string): MetricType {
  if (text === "untyped") return "unknown";
  if (Object.hasOwn(suffixes, text)) return text as MetricType;
  throw new LineError(`a known type instead of ${JSON.stringify(text.slice(0, 40))}`);
}
