/** One line of Prometheus' text format, or of OpenMetrics': the parts that both write alike. */

/** Sorted by name, each name once. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** What a sample is of. */
export interface Series {
  readonly name: string;
  readonly labels: Labels;
  /** Name and labels as text, the same for the same ones in any order. */
  readonly key: string;
}

export interface SampleLine {
  readonly series: Series;
  /** Any number: also NaN, and without end. */
  readonly value: number;
  /** As it is written: of another unit in each of the formats. */
  readonly timestamp: string | undefined;
  /** What follows behind "#": OpenMetrics has exemplars there. */
  readonly exemplar: string | undefined;
}

/** Says what was to stand there; whoever knows the line's number makes an error of it that people can use. */
export class LineError extends Error {}

const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelName = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const blanks = /[ \t]*/y;
const openBrace = /[ \t]*\{/y;
const token = /[^ \t]+/y;
const plainText = /[^"\\]*/y;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const infinity = /^([+-]?)inf(inity)?$/i;
const wholeName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

export const isMetricName = (text: string) => wholeName.test(text);

/** Reads a line from its beginning to its end; every step costs what it reads. */
class LineReader {
  readonly #line: string;
  /** Up to here it was read. */
  at: number;

  constructor(line: string, at = 0) {
    this.#line = line;
    this.at = at;
  }

  /** The longest text of that form that stands here, which may be empty. */
  take(form: RegExp): string {
    form.lastIndex = this.at;
    const end = form.test(this.#line) ? form.lastIndex : this.at;
    const taken = this.#line.slice(this.at, end);
    this.at = end;
    return taken;
  }

  /** Whether this character stands here, and then goes past it. */
  skip(character: string): boolean {
    if (this.#line[this.at] !== character) return false;
    this.at++;
    return true;
  }

  expect(form: RegExp, what: string): string {
    const taken = this.take(form);
    if (taken === "") throw new LineError(`${what} at column ${this.at + 1}`);
    return taken;
  }

  expectCharacter(character: string): void {
    if (!this.skip(character)) throw new LineError(`${character} at column ${this.at + 1}`);
  }

  /** One character, whatever it is; empty at the end. */
  next(): string {
    const character = this.#line[this.at] ?? "";
    this.at++;
    return character;
  }

  rest(): string {
    return this.#line.slice(this.at);
  }
}

/** Series that are remembered. */
const mostSeries = 20_000;

/** Reads lines of samples. It remembers their series: a node shows the same ones each time. */
export class SampleReader {
  readonly #known = new Map<string, Series>();

  /** @throws LineError */
  read(line: string): SampleLine {
    const head = line.slice(0, headLength(line));
    // Whatever begins with text that was read before has the same series, since it is read from the left.
    const known = this.#known.get(head);
    if (known !== undefined) return readValue(new LineReader(line, head.length), known);
    const reader = new LineReader(line);
    const series = readSeries(reader);
    if (this.#known.size < mostSeries) this.#known.set(line.slice(0, reader.at), series);
    return readValue(reader, series);
  }
}

/** Where name and labels end on most lines; 0 where that cannot be seen. */
function headLength(line: string): number {
  const brace = line.lastIndexOf("}");
  if (brace >= 0 || line.includes("{")) return brace + 1;
  const blank = line.indexOf(" ");
  return blank < 0 ? line.length : blank;
}

/** Up to where the value begins, or blanks before it. */
function readSeries(reader: LineReader): Series {
  const name = reader.expect(metricName, "the name of a metric");
  const labels = reader.take(openBrace) === "" ? noLabels : readLabels(reader);
  return { name, labels, key: name + formatLabels(labels) };
}

function readValue(reader: LineReader, series: Series): SampleLine {
  if (reader.take(blanks) === "" && series.labels === noLabels) {
    throw new LineError(`a blank or { after ${series.name}`);
  }
  const value = parseNumber(reader.expect(token, "a number"));
  reader.take(blanks);
  const beyond = reader.take(token);
  if (beyond === "#") return { series, value, timestamp: undefined, exemplar: reader.rest() };
  reader.take(blanks);
  const exemplar = reader.skip("#") ? reader.rest() : undefined;
  if (exemplar === undefined && reader.rest() !== "") throw new LineError("the end of the line");
  return { series, value, timestamp: beyond === "" ? undefined : beyond, exemplar };
}

/** Of a series without braces; one with nothing between them has others. */
const noLabels: Labels = [];

/** From behind the brace to behind the other one; a comma may stand before that. */
function readLabels(reader: LineReader): Labels {
  const labels: (readonly [string, string])[] = [];
  for (;;) {
    reader.take(blanks);
    if (reader.skip("}")) return sorted(labels);
    if (labels.length > 0) {
      reader.expectCharacter(",");
      reader.take(blanks);
      if (reader.skip("}")) return sorted(labels);
    }
    const name = reader.expect(labelName, "the name of a label");
    reader.take(blanks);
    reader.expectCharacter("=");
    reader.take(blanks);
    labels.push([name, readQuoted(reader)]);
  }
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\", '"': '"', n: "\n" };

function readQuoted(reader: LineReader): string {
  reader.expectCharacter('"');
  let text = "";
  for (;;) {
    text += reader.take(plainText);
    if (reader.skip('"')) return text;
    if (!reader.skip("\\")) throw new LineError('" at the end of a label');
    const character = escapes[reader.next()];
    if (character === undefined) throw new LineError('\\, " or n behind a backslash');
    text += character;
  }
}

function sorted(labels: (readonly [string, string])[]): Labels {
  labels.sort(([a], [b]) => (a < b ? -1 : 1));
  const twice = labels.find(([name], index) => name === labels[index + 1]?.[0]);
  if (twice !== undefined) throw new LineError(`the label ${twice[0]} only once`);
  return labels;
}

/** A number as Go and C write it. @throws LineError */
export function parseNumber(text: string): number {
  if (decimal.test(text)) return Number(text);
  const [, sign] = infinity.exec(text) ?? [];
  if (sign !== undefined) return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  throw new LineError(`a number instead of ${JSON.stringify(text.slice(0, 40))}`);
}

/** Of HELP: a backslash before anything else stands for itself. */
export function unescapeText(text: string): string {
  return text.includes("\\")
    ? text.replaceAll(/\\([\\n"])/g, (_, each: string) => escapes[each] ?? each)
    : text;
}

/** `{a="b",c="d"}`, or nothing where there are none. */
export function formatLabels(labels: Labels): string {
  return labels.length === 0
    ? ""
    : `{${labels.map(([name, value]) => `${name}="${escapeText(value)}"`).join(",")}}`;
}

export function escapeText(text: string): string {
  return /[\\\n"]/.test(text)
    ? text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')
    : text;
}

export function formatNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
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
