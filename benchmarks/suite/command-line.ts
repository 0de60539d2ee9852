/** What the suite's scripts take on their command lines: `--help`, and a line for what is wrong. */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { suggestion } from "../../src/core/text/nearest.ts";

/** One option: how its text is read, and what holds where it is left out. */
export interface Option<T> {
  /** Stands for the value; a flag has none. */
  readonly placeholder?: string;
  readonly meaning: string;
  /** As it would be given; undefined where nothing holds. */
  readonly fallback?: string | undefined;
  readonly isRequired?: boolean;
  /** @throws CommandLineError with what it takes */
  readonly read: (text: string | undefined) => T;
}

export type Options = Readonly<Record<string, Option<unknown>>>;
export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never;
};

/** The message is a line for who called the script. */
export class CommandLineError extends Error {
  override readonly name = "CommandLineError";
}

export function flag(meaning: string): Option<boolean> {
  return { meaning, read: (text) => text !== undefined };
}

export function text(placeholder: string, meaning: string, fallback: string): Option<string> {
  return { placeholder, meaning, fallback, read: (given) => given ?? fallback };
}

/** A text without which the script can do nothing. */
export function needed(placeholder: string, meaning: string): Option<string> {
  return { placeholder, meaning, isRequired: true, read: (given) => given ?? "" };
}

/** A number of at least `least`. */
export function number(meaning: string, fallback: number, least = 0): Option<number> {
  const read = (given: string | undefined) => (given === undefined ? fallback : readNumber(given, least));
  return { placeholder: "N", meaning, fallback: String(fallback), read };
}

/** A number of at least 0, or undefined where none is given. */
export function optionalNumber(meaning: string): Option<number | undefined> {
  return {
    placeholder: "N",
    meaning,
    read: (given) => (given === undefined ? undefined : readNumber(given, 0)),
  };
}

/** Numbers of at least 0 with commas between them. */
export function numbers(meaning: string, fallback: string): Option<number[]> {
  const read = (given = fallback) => given.split(",").map((each) => readNumber(each, 0));
  return { placeholder: "N,N,…", meaning, fallback, read };
}

function readNumber(given: string, least: number): number {
  const value = given.trim() === "" ? Number.NaN : Number(given);
  if (Number.isFinite(value) && value >= least) return value;
  throw new CommandLineError(`${JSON.stringify(given)} is no number from ${least}`);
}

/**
 * Reads a script's arguments.
 *
 * @returns undefined where help is asked for
 * @throws CommandLineError
 */
export function parseCommandLine<const O extends Options>(
  args: readonly string[],
  options: O,
): Values<O> | undefined {
  const types = Object.entries(options).map(([name, { placeholder }]) => {
    return [name, { type: placeholder === undefined ? "boolean" : "string" }] as const;
  });
  const { values, tokens } = parseArgs({
    args: [...args],
    options: { ...Object.fromEntries(types), help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  if (values.help === true) return undefined;
  for (const token of tokens) checkToken(token, options);
  const read = Object.entries(options).map(([name, option]) => {
    const given = values[name];
    if (given === undefined && option.isRequired) {
      throw new CommandLineError(`--${name} ${option.placeholder} is missing: ${option.meaning}.`);
    }
    try {
      return [name, option.read(given === undefined ? undefined : String(given))];
    } catch (error) {
      if (!(error instanceof CommandLineError)) throw error;
      throw new CommandLineError(`--${name}: ${error.message}.`, { cause: error });
    }
  });
  return Object.fromEntries(read) as Values<O>;
}

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];

function checkToken(token: Token, options: Options): void {
  if (token.kind === "positional") throw new CommandLineError(`"${token.value}" is no option.`);
  if (token.kind !== "option") return;
  const option = options[token.name];
  if (option === undefined) {
    const names = Object.keys(options).map((name) => `--${name}`);
    const remedy = suggestion(token.rawName, names) || " --help lists what there is.";
    throw new CommandLineError(`${token.rawName}: no such option.${remedy}`);
  }
  if (option.placeholder === undefined && token.value !== undefined) {
    throw new CommandLineError(`${token.rawName} takes no value.`);
  }
  if (option.placeholder !== undefined && token.value === undefined) {
    throw new CommandLineError(`${token.rawName} needs a value: ${option.placeholder}.`);
  }
}

/** "Usage: …", and a line for each option. */
export function formatUsage(script: string, purpose: string, options: Options): string {
  const rows = [...Object.entries(options), ["help", flag("say this")] as const].map(([name, option]) => {
    const { placeholder, meaning, fallback, isRequired } = option;
    const held = isRequired ? " (required)" : fallback === undefined ? "" : ` (${fallback})`;
    return {
      left: placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`,
      right: meaning + held,
    };
  });
  const width = Math.max(...rows.map(({ left }) => left.length));
  const lines = rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`);
  return [`Usage: node benchmarks/suite/${script} [options]`, "", purpose, "", ...lines, ""].join("\n");
}

/** Reads this process's arguments; says what is asked for, or what is wrong (exit 2), and ends it. */
export function readCommandLine<const O extends Options>(purpose: string, options: O): Values<O> {
  const script = basename(process.argv[1] ?? "");
  try {
    const values = parseCommandLine(process.argv.slice(2), options);
    if (values !== undefined) return values;
    process.stdout.write(formatUsage(script, purpose, options));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof CommandLineError)) throw error;
    console.error(`${script}: ${error.message}`);
    process.exit(2);
  }
}
