import type { Diagnostic } from "../../core/errors.ts";

/** One value as somebody gave it. */
export interface Given {
  /** As its giver called it: "--loads", "BALEEN_LOADS", "loads in sweep.yaml". */
  readonly name: string;
  /** Text from a command line or the environment; text, number, boolean or list from a file or a caller. */
  readonly value: unknown;
  /** How near it was given: 0 flag or caller, 1 environment, 2 file. Of two that say the same, the nearer counts. */
  readonly rank: number;
  /** Of a list: what each item is called, where it has a place of its own. */
  readonly itemNames?: readonly string[] | undefined;
  /** The same of a table, by its keys. */
  readonly keyNames?: ReadonlyMap<string, string> | undefined;
  /** What variables stand for in it; no diagnostic shows any of that. */
  readonly hidden?: readonly string[] | undefined;
  /** The same of a source farther away, where what all sources give counts together. */
  readonly farther?: Given | undefined;
}

/** What an item of a given list is called. */
export const itemName = ({ name, itemNames }: Given, index: number): string => itemNames?.[index] ?? name;

/** Of two ways to say one thing, the nearer given; of equally near ones the first. */
export function nearer(first: Given | undefined, second: Given | undefined): Given | undefined {
  if (first === undefined) return second;
  return second !== undefined && second.rank < first.rank ? second : first;
}

export type Reading<T> = { readonly value: T } | { readonly diagnostics: readonly Diagnostic[] };

/** How one parameter's value is read and what it may be. Pure. */
export interface Rule<T> {
  /** A switch may stand alone on the command line, and can be negated. */
  readonly kind: "switch" | "value";
  /** What is expected, as in "Give … .": "a whole number of bytes from 24 to 65,536". */
  readonly expected: string;
  readonly read: (given: Given) => Reading<T>;
  /** JSON Schema of what stands for it in a file; absent: anything. */
  readonly schema?: object | undefined;
  /** A file's or a folder's path: in a file of options it counts from that file's folder. */
  readonly isPath?: true | undefined;
}

/** Reads one value after the other, and keeps all that was wrong with them. */
export interface Reader {
  readonly diagnostics: Diagnostic[];
  /** The checked value, or the fallback where none or a faulty one was given. */
  readonly read: <T, F>(rule: Rule<T>, given: Given | undefined, fallback: F) => T | F;
}

export function openReader(): Reader {
  const diagnostics: Diagnostic[] = [];
  return {
    diagnostics,
    read: (rule, given, fallback) => {
      if (given === undefined) return fallback;
      const reading = rule.read(given);
      if ("value" in reading) return reading.value;
      diagnostics.push(...conceal(reading.diagnostics, given, rule.expected));
      return fallback;
    },
  };
}

const hiddenIn = ({ hidden = [], farther }: Given): readonly string[] =>
  farther === undefined ? hidden : [...hidden, ...hiddenIn(farther)];

/** Of a value that variables stand for in, diagnostics that might show something of it say only what is expected. */
export function conceal(
  diagnostics: readonly Diagnostic[],
  given: Given,
  expected: string,
): readonly Diagnostic[] {
  const hidden = hiddenIn(given);
  if (hidden.length === 0) return diagnostics;
  // The beginning, since a diagnostic may show a long value shortened.
  const beginnings = hidden.map((value) => onOneLine(value).slice(0, 4));
  const shows = ({ message }: Diagnostic) => {
    const reported = message.startsWith(given.name) ? message.slice(given.name.length) : message;
    return beginnings.some((beginning) => reported.includes(beginning));
  };
  const shown = diagnostics.filter((one) => !shows(one));
  if (shown.length === diagnostics.length) return diagnostics;
  return [...shown, diagnostic(given, "what its variables stand for cannot be used", expected)];
}

/** A number with thousands separators: 1,000,000. */
export function formatCount(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** A value as diagnostics show it: quoted, on one line, shortened. */
export function show(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : asJson(value);
  if (text === undefined) return "a value that holds itself";
  const line = onOneLine(text);
  return `"${line.length > 60 ? `${line.slice(0, 57)}…` : line}"`;
}

/** A diagnostic is one line, and no control character of a value reaches the terminal. */
const onOneLine = (text: string) => JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"');

/** undefined where a value is a part of itself, as a YAML file can make one. */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return undefined;
  }
}

/** "--loads: "x" is not a number. Give …." */
export function diagnostic(given: Given, reason: string, expected: string): Diagnostic {
  return { code: "invalid-value", message: `${given.name}: ${reason}. Give ${expected}.` };
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || !decimal.test(value.trim())) return undefined;
  const number = Number(value.trim());
  return Number.isFinite(number) ? number : undefined;
}

export interface NumberOptions {
  /** Plural, as in "a number of seconds"; "" for a bare number. */
  readonly unit: string;
  readonly whole?: boolean;
  /** Lower limit, itself allowed … */
  readonly atLeast?: number;
  /** … or not. */
  readonly above?: number;
  readonly atMost: number;
  /** Numbers in between that are none of them. */
  readonly except?: readonly number[] | undefined;
}

function outside(number: number, options: NumberOptions): string | undefined {
  const unit = options.unit === "" ? "" : ` ${options.unit}`;
  if (options.above !== undefined && number <= options.above)
    return `is not above ${formatCount(options.above)}`;
  if (options.atLeast !== undefined && number < options.atLeast)
    return `is below the minimum of ${formatCount(options.atLeast)}${unit}`;
  if (number > options.atMost) return `is above the maximum of ${formatCount(options.atMost)}${unit}`;
  if (options.whole && !Number.isSafeInteger(number)) return "is not a whole number";
  return options.except?.includes(number) ? "cannot be had" : undefined;
}

function range(options: NumberOptions): string {
  const except = (options.except ?? []).map(formatCount).join(" or ");
  const most = `${formatCount(options.atMost)}${except === "" ? "" : `, but not ${except}`}`;
  return options.above === undefined
    ? `from ${formatCount(options.atLeast ?? 0)} to ${most}`
    : `above ${formatCount(options.above)} and up to ${most}`;
}

function numberSchema({ whole, atLeast, above, atMost }: NumberOptions): object {
  return {
    type: whole ? "integer" : "number",
    ...(above === undefined ? { minimum: atLeast ?? 0 } : { exclusiveMinimum: above }),
    maximum: atMost,
  };
}

/** A number in decimal notation, without a unit or separators. */
export function number(options: NumberOptions): Rule<number> {
  const noun = options.whole ? "a whole number" : "a number";
  const expected = `${noun}${options.unit === "" ? "" : ` of ${options.unit}`} ${range(options)}`;
  return {
    kind: "value",
    expected,
    schema: numberSchema(options),
    read: (given) => {
      const value = toNumber(given.value);
      if (value === undefined) {
        return {
          diagnostics: [
            diagnostic(given, `${show(given.value)} is not a number`, `${expected}, without a unit`),
          ],
        };
      }
      const reason = outside(value, options);
      return reason === undefined
        ? { value }
        : { diagnostics: [diagnostic(given, `${String(given.value)} ${reason}`, expected)] };
    },
  };
}

/** Numbers separated by single commas, or a list of them; every faulty item is told. Duplicates are allowed. */
export function numberList(options: NumberOptions, mostItems: number): Rule<readonly number[]> {
  const expected = `numbers of ${options.unit} ${range(options)}, separated by single commas, such as 100,200,500`;
  const item = numberSchema(options);
  return {
    kind: "value",
    expected,
    schema: { anyOf: [{ type: "array", items: item, minItems: 1 }, item, { type: "string" }] },
    read: (given) => {
      const items: readonly unknown[] = Array.isArray(given.value)
        ? given.value
        : typeof given.value === "string"
          ? given.value.split(",")
          : [given.value];
      if (items.length === 0) return { diagnostics: [diagnostic(given, "the list is empty", expected)] };
      if (items.length > mostItems) {
        const reason = `${formatCount(items.length)} items are more than the maximum of ${formatCount(mostItems)}`;
        return { diagnostics: [diagnostic(given, reason, expected)] };
      }
      const diagnostics: Diagnostic[] = [];
      const numbers: number[] = [];
      for (const [index, item] of items.entries()) {
        const value = toNumber(item);
        const place = { ...given, name: itemName(given, index) };
        const empty = typeof item === "string" && item.trim() === "";
        const reason = value === undefined ? "is not a number" : outside(value, options);
        if (empty)
          diagnostics.push(diagnostic(place, `item ${index + 1} of ${show(given.value)} is empty`, expected));
        else if (value === undefined || reason !== undefined) {
          const shown = value === undefined ? show(item) : String(item).trim();
          const subject = items.length === 1 ? shown : `item ${index + 1}, ${shown},`;
          diagnostics.push(diagnostic(place, `${subject} ${reason}`, expected));
        } else numbers.push(value);
      }
      return diagnostics.length > 0 ? { diagnostics } : { value: numbers };
    },
  };
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["0", false],
]);

/** true or false; yes, no, 1 and 0 mean the same. */
export const boolean: Rule<boolean> = {
  kind: "switch",
  expected: "true or false (yes, no, 1 and 0 mean the same)",
  schema: { type: "boolean" },
  read: (given) => {
    const value = truths.get(String(given.value).trim().toLowerCase());
    return value === undefined
      ? {
          diagnostics: [
            diagnostic(given, `${show(given.value)} is neither true nor false`, boolean.expected),
          ],
        }
      : { value };
  },
};

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Rule<T> {
  const expected = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  return {
    kind: "value",
    expected,
    schema: { enum: words },
    read: (given) => {
      const value = words.find((word) => word === given.value);
      return value === undefined
        ? { diagnostics: [diagnostic(given, `${show(given.value)} is not known here`, expected)] }
        : { value };
    },
  };
}

/** A number, or a word that stands for one. */
export function numberOr<const T extends string>(word: T, options: NumberOptions): Rule<number | T> {
  const plain = number(options);
  const expected = `${word}, or ${plain.expected}`;
  return {
    kind: "value",
    expected,
    schema: { anyOf: [{ const: word }, numberSchema(options)] },
    read: (given) => {
      if (given.value === word) return { value: word };
      const reading = plain.read(given);
      if ("value" in reading || toNumber(given.value) !== undefined) return reading;
      return { diagnostics: [diagnostic(given, `${show(given.value)} is not known here`, expected)] };
    },
  };
}

/** Any text that is not empty; a number (as YAML reads 42) counts as its text. */
export function text(noun: string, mostLength: number): Rule<string> {
  const expected = `${noun} of 1 to ${formatCount(mostLength)} characters`;
  return {
    kind: "value",
    expected,
    schema: { type: ["string", "number"] },
    read: (given) => {
      const value = typeof given.value === "number" ? String(given.value) : given.value;
      if (typeof value !== "string") {
        return { diagnostics: [diagnostic(given, `${show(given.value)} is not text`, expected)] };
      }
      if (value === "" || value.length > mostLength || value.includes("\0")) {
        return { diagnostics: [diagnostic(given, `${show(value)} cannot be used`, expected)] };
      }
      return { value };
    },
  };
}

/** The path of a file or a folder. */
export const path: Rule<string> = { ...text("a path", 4096), schema: { type: "string" }, isPath: true };
