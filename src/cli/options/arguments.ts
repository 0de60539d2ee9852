import { parseArgs } from "node:util";
import type { Diagnostic } from "../../core/errors.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { boolean, choice, type Given, show } from "../../options/rules/rule.ts";
import type { Operand } from "./command-descriptor.ts";
import { type Option, shortFlags } from "./option.ts";

/** What one source gave of the options, by name, and what is wrong with it. */
export interface Layer {
  readonly given: ReadonlyMap<string, Given>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Arguments extends Layer {
  /** The operands that were given, in order. */
  readonly words: readonly string[];
}

/**
 * Parses a command line against the table. A flag given twice: the last one counts, unless it is repeatable: then its
 * value is the list of all. A switch may stand alone, be followed by true or false, or be negated by `--no-`. Operands
 * may stand anywhere between the options.
 */
export function parseArguments(
  argv: readonly string[],
  table: readonly Option[],
  operands: readonly Operand[] = [],
): Arguments {
  const { values, words, strays } = collect(argv, table, operands);
  const given = new Map<string, Given>();
  const diagnostics: Diagnostic[] = [];
  for (const option of table) {
    const all = values.get(option.name) ?? [];
    const value = option.repeatable ? all : all.at(-1);
    if (all.length === 0 || value === undefined) continue;
    const wrong =
      option.rule.kind === "switch" ? undefined : findMissing(option, option.repeatable ? all : [value]);
    if (wrong === undefined) given.set(option.name, { name: `--${option.name}`, value, rank: 0 });
    else diagnostics.push(wrong);
  }
  const asked = operands.flatMap((operand, index) => checkOperand(operand, words[index]));
  const help = given.has("help") || given.has("version");
  return { given, words, diagnostics: [...diagnostics, ...strays, ...(help ? [] : asked)] };
}

/** Of an option with a value: what is wrong where it was negated, or its value is not there. */
function findMissing(
  { name, placeholder, rule }: Option,
  values: readonly unknown[],
): Diagnostic | undefined {
  if (values.includes(false)) {
    const message = `--no-${name}: only switches can be negated. Remove it, or use --${name} ${placeholder}.`;
    return { code: "not-a-switch", message };
  }
  if (!values.includes("")) return undefined;
  return { code: "missing-value", message: `--${name}: its value is missing. Give ${rule.expected}.` };
}

/** Node.js splits; every meaning is checked here, so that all diagnostics come at once and in our words. */
function collect(argv: readonly string[], table: readonly Option[], operands: readonly Operand[]) {
  const find = (name: string) => table.find((option) => `--${option.name}` === name);
  const args = argv.map((argument) => {
    const long = shortFlags.get(argument);
    return long !== undefined && find(long) ? long : argument;
  });
  /** By option; "" where a value is missing, false where it was negated, true of a switch alone. */
  const values = new Map<string, (string | boolean)[]>();
  const words: string[] = [];
  const strays: Diagnostic[] = [];
  /** Places of arguments that are dealt with: values of the flags before them, and groups of letters. */
  const taken = new Set<number>();
  for (const token of parseArgs({ args, strict: false, tokens: true, options: {} }).tokens) {
    if (token.kind === "option-terminator" || taken.has(token.index)) continue;
    if (token.kind === "positional") {
      if (words.length < operands.length || operands.at(-1)?.several) words.push(token.value);
      else strays.push(strayArgument(token.value));
      continue;
    }
    const { rawName, index, value: inline } = token;
    const next = inline === undefined ? args[index + 1] : undefined;
    const own = find(rawName);
    const option = own ?? find(rawName.replace(/^--no-/, "--"));
    taken.add(index);
    if (option === undefined) {
      const group = args[index]?.split("=", 1)[0] ?? rawName;
      strays.push(unknownOption(rawName.startsWith("--") ? rawName : group, table));
      if (next?.startsWith("-") === false) taken.add(index + 1);
      continue;
    }
    const follows = own !== undefined && next !== undefined && isValueOf(option, next, operands);
    if (follows) taken.add(index + 1);
    const given = inline ?? (follows ? next : option.rule.kind === "switch" || "");
    const value = own === undefined ? negated(option, inline) : given;
    values.set(option.name, [...(values.get(option.name) ?? []), value]);
  }
  return { values, words, strays };
}

/** Whether the next word belongs to a flag. Behind a switch, what can be an operand is one. */
function isValueOf({ rule }: Option, next: string, operands: readonly Operand[]): boolean {
  if (rule.kind === "value") return !/^-[^\d.]/.test(next);
  const isOperand = operands.some(({ words }) =>
    words === undefined ? !/^(true|false|yes|no|[01])$/.test(next) : words.includes(next),
  );
  return !next.startsWith("-") && !isOperand;
}

/** `--no-yes`, and `--no-yes=true`. */
function negated({ rule }: Option, value: string | undefined): string | boolean {
  const truth = boolean.read({ name: "", value, rank: 0 });
  if (rule.kind !== "switch" || value === undefined) return false;
  return "value" in truth ? String(!truth.value) : value;
}

function strayArgument(word: string): Diagnostic {
  const message = `"${word}": an argument without an option. Put --NAME before it, or remove it; see --help.`;
  return { code: "stray-argument", message };
}

/** A missing word, or one that is none of those that it may be. */
function checkOperand(
  { noun, words, placeholder, optional }: Operand,
  given: string | undefined,
): Diagnostic[] {
  const remedy = words === undefined ? `Give ${placeholder ?? "it"}.` : `Give ${choice(...words).expected}.`;
  if (given === undefined && optional) return [];
  if (given === undefined) return [{ code: "missing-argument", message: `${noun} is missing. ${remedy}` }];
  if (words === undefined || words.includes(given)) return [];
  const near = suggestion(given, words).trimStart() || remedy;
  return [{ code: "unknown-argument", message: `${show(given)}: unknown subcommand. ${near}` }];
}

function unknownOption(flag: string, table: readonly Option[]): Diagnostic {
  const prefix = flag.startsWith("--no-") ? "--no-" : "--";
  const known = table.map(({ name }) => `${prefix}${name}`);
  const remedy = suggestion(flag, known) || " See --help.";
  return { code: "unknown-option", message: `${flag}: no such option.${remedy}` };
}
