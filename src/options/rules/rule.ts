import type { NamedFile } from "../../contracts/protocol-choice.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { isTable } from "../../core/keys.ts";
import { formatForeignLines } from "../../core/text/foreign-text.ts";

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
  return [...shown, diagnostic(given, "the value of its variables is invalid", expected)];
}

/** A number with thousands separators: 1,000,000. */
export function formatCount(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** A value as diagnostics show it: quoted, on one line, shortened. */
export function show(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : asJson(value);
  if (text === undefined) return "a value that contains itself";
  const line = onOneLine(text);
  return `"${line.length > 60 ? `${line.slice(0, 57)}…` : line}"`;
}

/** A diagnostic is one line. */
const onOneLine = (text: string) =>
  formatForeignLines(JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"'));

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

/** The same as all that is wrong with a value. */
export function refusal(given: Given, reason: string, expected: string): Reading<never> {
  return { diagnostics: [diagnostic(given, reason, expected)] };
}

/** All values, or all that is wrong with any of them. */
export function together<T>(readings: readonly Reading<T>[]): Reading<readonly T[]> {
  const diagnostics = readings.flatMap((reading) => ("diagnostics" in reading ? reading.diagnostics : []));
  if (diagnostics.length > 0) return { diagnostics };
  return { value: readings.flatMap((reading) => ("value" in reading ? [reading.value] : [])) };
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["0", false],
]);

interface ValueTerms<T> extends Omit<Rule<T>, "kind" | "read"> {
  /** The value, or undefined where it is none. */
  readonly parse: (value: unknown) => T | undefined;
  /** What is said of one that is none. */
  readonly reason?: string;
  /** Diagnostics leave it out: it is nobody's business. */
  readonly hidden?: boolean;
}

/** A rule that says no more of a wrong value than what is expected. */
export function valueRule<T>({ parse, reason = "cannot be used", hidden, ...terms }: ValueTerms<T>): Rule<T> {
  return {
    kind: "value",
    ...terms,
    read: (given) => {
      const value = parse(given.value);
      const shown = hidden === true ? "the value" : show(given.value);
      return value === undefined ? refusal(given, `${shown} ${reason}`, terms.expected) : { value };
    },
  };
}

/** true or false; yes, no, 1 and 0 mean the same. */
export const boolean: Rule<boolean> = {
  ...valueRule({
    expected: "true or false (yes, no, 1 and 0 mean the same)",
    schema: { type: "boolean" },
    reason: "is neither true nor false",
    parse: (value) =>
      typeof value === "object" ? undefined : truths.get(String(value).trim().toLowerCase()),
  }),
  kind: "switch",
};

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Rule<T> {
  return valueRule({
    expected: `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
    schema: { enum: words },
    reason: "is not a known value",
    parse: (value) => words.find((word) => word === value),
  });
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
        return refusal(given, `${show(given.value)} is not text`, expected);
      }
      if (value === "" || value.length > mostLength || value.includes("\0")) {
        return refusal(given, `${show(value)} cannot be used`, expected);
      }
      return { value };
    },
  };
}

/** A file that whoever gathers options has read. */
export const isFile = (value: unknown): value is NamedFile =>
  isTable(value) && "path" in value && "text" in value;

/** The path of a file or a folder. */
export const path: Rule<string> = { ...text("a path", 4096), schema: { type: "string" }, isPath: true };
