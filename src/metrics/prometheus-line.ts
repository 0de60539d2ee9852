/** One line of Prometheus' text format, or of OpenMetrics': the parts that both write alike. */

/** Sorted by name, each name once. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** What stands on a line of a sample. */
export interface SampleLine {
  readonly name: string;
  readonly labels: Labels;
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
const token = /[^ \t]+/y;
const plainText = /[^"\\]*/y;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const infinity = /^([+-]?)inf(inity)?$/i;
const wholeName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

export const isMetricName = (text: string) => wholeName.test(text);

/** Reads a line from its beginning to its end; every step costs what it reads. */
class LineReader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  /** The longest text of that form that stands here, which may be empty. */
  take(form: RegExp): string {
    form.lastIndex = this.#at;
    const end = form.test(this.#line) ? form.lastIndex : this.#at;
    const taken = this.#line.slice(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Whether this character stands here, and then goes past it. */
  skip(character: string): boolean {
    if (this.#line[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  expect(form: RegExp, what: string): string {
    const taken = this.take(form);
    if (taken === "") throw new LineError(`${what} at column ${this.#at + 1}`);
    return taken;
  }

  expectCharacter(character: string): void {
    if (!this.skip(character)) throw new LineError(`${character} at column ${this.#at + 1}`);
  }

  /** One character, whatever it is; empty at the end. */
  next(): string {
    const character = this.#line[this.#at] ?? "";
    this.#at++;
    return character;
  }

  rest(): string {
    return this.#line.slice(this.#at);
  }
}

/** @throws LineError */
export function parseSampleLine(line: string): SampleLine {
  const reader = new LineReader(line);
  reader.take(blanks);
  const name = reader.expect(metricName, "the name of a metric");
  const isApart = reader.take(blanks) !== "";
  const hasLabels = reader.skip("{");
  const labels = hasLabels ? readLabels(reader) : noLabels;
  if (!hasLabels && !isApart) throw new LineError(`a blank or { behind ${name}`);
  reader.take(blanks);
  const value = parseNumber(reader.expect(token, "a number"));
  reader.take(blanks);
  const beyond = reader.take(token);
  if (beyond === "#") return { name, labels, value, timestamp: undefined, exemplar: reader.rest() };
  reader.take(blanks);
  const exemplar = reader.skip("#") ? reader.rest() : undefined;
  if (exemplar === undefined && reader.rest() !== "") throw new LineError("the end of the line");
  return { name, labels, value, timestamp: beyond === "" ? undefined : beyond, exemplar };
}

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

/**
 * A number as Go and C write it.
 *
 * @throws LineError
 */
export function parseNumber(text: string): number {
  if (decimal.test(text)) return Number(text);
  const [, sign] = infinity.exec(text) ?? [];
  if (sign !== undefined) return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  throw new LineError(`a number in place of ${JSON.stringify(text.slice(0, 40))}`);
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
