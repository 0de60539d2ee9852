import yargs from "yargs";
import type { Diagnostic } from "../../core/errors.ts";
import { suggestion } from "../../core/nearest.ts";
import { boolean, choice, type Given, show } from "../../options/rules/rule.ts";
import type { Operand } from "./command-table.ts";
import { type Option, shortFlags } from "./option.ts";

/** What one source gave of the options, by name, and what is wrong with it. */
export interface Layer {
  readonly given: ReadonlyMap<string, Given>;
  readonly diagnostics: readonly Diagnostic[];
}

/** yargs splits and collects; every meaning is checked here, so that all diagnostics come at once and in our words. */
const parsing = {
  "boolean-negation": true,
  "camel-case-expansion": false,
  "dot-notation": false,
  "duplicate-arguments-array": true,
  "parse-numbers": false,
  "parse-positional-numbers": false,
  "short-option-groups": false,
  "unknown-options-as-args": true,
} as const;

export interface Arguments extends Layer {
  /** The operands that were given, in order. */
  readonly words: readonly string[];
}

/**
 * Parses a command line against the table. Of a flag given twice the last counts, of a repeatable one all. A switch may
 * stand alone, be followed by true or false, or be negated by `--no-`. Operands may stand anywhere between the options.
 */
export function parseArguments(
  argv: readonly string[],
  table: readonly Option[],
  operands: readonly Operand[] = [],
): Arguments {
  const long = argv.map((argument) => longFlag(argument, table));
  const args = settleSwitches(joinNegativeValues(long, table), table, operands);
  // Everything is text to yargs: its own booleans would turn `--cleanup=yes` into false.
  const declared = Object.fromEntries(table.map(({ name }) => [name, { type: "string" as const }]));
  const parsed = yargs([])
    .parserConfiguration(parsing)
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(false)
    .options(declared)
    .parseSync(args) as Record<string, unknown>;
  const given = new Map<string, Given>();
  const diagnostics: Diagnostic[] = [];
  for (const option of table) {
    const all = [parsed[option.name]].flat();
    const value = all.at(-1);
    if (value === undefined) continue;
    const name = `--${option.name}`;
    if (option.rule.kind === "switch") {
      given.set(option.name, { name, value: value === "" ? true : value, rank: 0 });
    } else if (value === false || (option.repeatable && all.includes(false))) {
      diagnostics.push({
        code: "not-a-switch",
        message: `--no-${option.name}: only switches can be negated. Leave it out, or give ${name} ${option.placeholder}.`,
      });
    } else if (value === "" || (option.repeatable && all.includes(""))) {
      diagnostics.push({
        code: "missing-value",
        message: `${name}: its value is missing. Give ${option.rule.expected}.`,
      });
    } else {
      given.set(option.name, { name, value: option.repeatable ? all : value, rank: 0 });
    }
  }
  const rest = (parsed._ as unknown[]).map(String);
  const { words, diagnostics: strays } = checkRest(rest, args, { table, operands });
  const asked = operands.flatMap((operand, index) => checkOperand(operand, words[index]));
  const help = given.has("help") || given.has("version");
  return {
    given,
    words,
    diagnostics: [...diagnostics, ...checkKeys(parsed, table), ...strays, ...(help ? [] : asked)],
  };
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
  return [{ code: "unknown-argument", message: `${show(given)}: that cannot be done. ${near}` }];
}

/** To yargs `--cleanup-foo` is no unknown option, because it begins like `--cleanup`: it comes as a key of its own. */
function checkKeys(parsed: Readonly<Record<string, unknown>>, table: readonly Option[]): Diagnostic[] {
  const known = new Set(["_", "$0", ...table.map(({ name }) => name)]);
  return Object.keys(parsed)
    .filter((key) => !known.has(key))
    .map((key) => unknownOption(`--${key}`, table));
}

function unknownOption(flag: string, table: readonly Option[]): Diagnostic {
  const prefix = flag.startsWith("--no-") ? "--no-" : "--";
  const remedy =
    suggestion(
      flag,
      table.map(({ name }) => `${prefix}${name}`),
    ) || " See --help.";
  return { code: "unknown-option", message: `${flag}: no such option.${remedy}` };
}

/** `-h` → `--help`, where that is an option of the command. */
function longFlag(argument: string, table: readonly Option[]): string {
  const long = shortFlags.get(argument);
  return long !== undefined && table.some(({ name }) => `--${name}` === long) ? long : argument;
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

/** `--yes clean` → `--yes=true clean`, where "clean" is an operand; and `--no-yes=true` → `--no-yes`. */
function settleSwitches(
  args: readonly string[],
  table: readonly Option[],
  operands: readonly Operand[],
): string[] {
  const switches = new Set(table.filter(({ rule }) => rule.kind === "switch").map(({ name }) => name));
  const isOperand = (word: string) =>
    operands.some(({ words }) =>
      words === undefined ? !/^(-|true$|false$|yes$|no$|[01]$)/.test(word) : words.includes(word),
    );
  return args.map((argument, index) => {
    const [, negated, value = ""] = /^--no-([a-z-]+)=(.*)$/.exec(argument) ?? [];
    const truth = boolean.read({ name: "", value, rank: 0 });
    if (negated !== undefined && switches.has(negated) && "value" in truth) {
      return `--${negated}=${!truth.value}`;
    }
    const next = args[index + 1];
    const alone = switches.has(argument.slice(2)) && argument.startsWith("--");
    return alone && next !== undefined && isOperand(next) ? `${argument}=true` : argument;
  });
}

/** What is no option of the table: operands, misspelt flags (and what follows them as their value), stray words. */
function checkRest(
  rest: readonly string[],
  args: readonly string[],
  { table, operands }: { readonly table: readonly Option[]; readonly operands: readonly Operand[] },
): { readonly words: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const words: string[] = [];
  let unknown: string | undefined;
  for (const argument of rest) {
    if (/^-./.test(argument)) {
      unknown = argument;
      diagnostics.push(unknownOption(argument.split("=", 1)[0] ?? argument, table));
    } else if (unknown !== undefined && args[args.indexOf(unknown) + 1] === argument) {
      unknown = undefined;
    } else if (words.length < operands.length) {
      words.push(argument);
    } else {
      const message = `"${argument}": an argument without an option. Put --NAME before it, or leave it out; see --help.`;
      diagnostics.push({ code: "stray-argument", message });
    }
  }
  return { words, diagnostics };
}
