import yargs from "yargs";
import type { Given } from "../config/rule.ts";
import type { Fault } from "../core/errors.ts";
import { suggestion } from "../core/nearest.ts";
import type { Option } from "./options.ts";

/** Options by name, as one source gave them, and what is wrong with that source. */
export interface Layer {
  readonly given: ReadonlyMap<string, Given>;
  readonly faults: readonly Fault[];
}

/** yargs splits and collects; every meaning is checked here, so that all faults come at once and in our words. */
const parsing = {
  "boolean-negation": true,
  "camel-case-expansion": false,
  "dot-notation": false,
  "duplicate-arguments-array": false,
  "parse-numbers": false,
  "parse-positional-numbers": false,
  "short-option-groups": false,
  "unknown-options-as-args": true,
} as const;

/**
 * Parses a command line against the table. A flag given twice: the last one counts. A switch may stand alone,
 * be followed by true or false, or be negated by `--no-`.
 */
export function parseArguments(
  argv: readonly string[],
  table: readonly Option[],
  operands: readonly string[] = [],
): Layer {
  const args = joinNegativeValues(argv, table);
  // Everything is text to yargs: its own booleans would turn `--cleanup=yes` into false.
  const declared = Object.fromEntries(table.map(({ name }) => [name, { type: "string" as const }]));
  const parsed = yargs([])
    .parserConfiguration(parsing)
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(false)
    .options(declared)
    .alias("help", "h")
    .parseSync(args) as Record<string, unknown>;
  const given = new Map<string, Given>();
  const faults: Fault[] = [];
  for (const option of table) {
    const value = parsed[option.name];
    if (value === undefined) continue;
    const name = `--${option.name}`;
    if (option.rule.kind === "switch") {
      given.set(option.name, { name, value: value === "" ? true : value, rank: 0 });
    } else if (value === false) {
      faults.push({
        code: "not-a-switch",
        message: `--no-${option.name}: only switches can be negated. Leave it out, or give ${name} ${option.placeholder}.`,
      });
    } else if (value === "") {
      faults.push({
        code: "missing-value",
        message: `${name}: its value is missing. Give ${option.rule.expected}.`,
      });
    } else {
      given.set(option.name, { name, value, rank: 0 });
    }
  }
  const words = (parsed._ as unknown[]).map(String);
  const rest = operands.length === 0 ? words : takeOperands(words, operands, { given, faults });
  return { given, faults: [...faults, ...checkKeys(parsed, table), ...checkRest(rest, args, table)] };
}

/** Gives the first words to the operands, by their names in small letters. @returns the other words */
function takeOperands(
  words: readonly string[],
  operands: readonly string[],
  { given, faults }: { given: Map<string, Given>; faults: Fault[] },
): string[] {
  const rest = [...words];
  for (const operand of operands) {
    const at = rest.findIndex((word) => !/^-./.test(word));
    const [value] = at < 0 ? [] : rest.splice(at, 1);
    if (value !== undefined) given.set(operand.toLowerCase(), { name: operand, value, rank: 0 });
    else faults.push({ code: "missing-argument", message: `${operand}: it is missing. See --help.` });
  }
  return rest;
}

/** To yargs `--cleanup-foo` is no unknown option, because it begins like `--cleanup`: it comes as a key of its own. */
function checkKeys(parsed: Readonly<Record<string, unknown>>, table: readonly Option[]): Fault[] {
  const known = new Set(["_", "$0", "h", ...table.map(({ name }) => name)]);
  return Object.keys(parsed)
    .filter((key) => !known.has(key))
    .map((key) => unknownOption(`--${key}`, table));
}

function unknownOption(flag: string, table: readonly Option[]): Fault {
  const prefix = flag.startsWith("--no-") ? "--no-" : "--";
  const remedy =
    suggestion(
      flag,
      table.map(({ name }) => `${prefix}${name}`),
    ) || " See --help.";
  return { code: "unknown-option", message: `${flag}: no such option.${remedy}` };
}

/** `--loads -5,100` → `--loads=-5,100`, or the value would be taken for a flag. */
function joinNegativeValues(argv: readonly string[], table: readonly Option[]): string[] {
  const values = new Set(table.filter(({ rule }) => rule.kind === "value").map(({ name }) => `--${name}`));
  const joined: string[] = [];
  for (const argument of argv) {
    const previous = joined.at(-1);
    if (previous !== undefined && values.has(previous) && /^-[\d.]/.test(argument)) {
      joined[joined.length - 1] = `${previous}=${argument}`;
    } else joined.push(argument);
  }
  return joined;
}

/** What is no option of the table: misspelt flags (and what follows them as their value), and stray words. */
function checkRest(rest: readonly string[], args: readonly string[], table: readonly Option[]): Fault[] {
  const faults: Fault[] = [];
  let unknown: string | undefined;
  for (const argument of rest) {
    if (/^-./.test(argument)) {
      unknown = argument;
      faults.push(unknownOption(argument.split("=", 1)[0] ?? argument, table));
    } else if (unknown === undefined || args[args.indexOf(unknown) + 1] !== argument) {
      faults.push({
        code: "stray-argument",
        message: `"${argument}": an argument without an option. Put --NAME before it, or leave it out; see --help.`,
      });
    } else unknown = undefined;
  }
  return faults;
}
