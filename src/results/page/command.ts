/** The command that repeats a sweep, as far as a command can say it. */
import { quoteArgv } from "../../core/text/quote.ts";
import { defaultParameters } from "../../options/defaults.ts";
import { kebabCase } from "../../options/file/sections.ts";
import { buildParametersJson, optionsOfKey } from "../schema/parameters.ts";

export interface RepeatCommand {
  readonly command: string;
  /** Keys of parameters.json that no flag says. */
  readonly unsaid: readonly string[];
}

/** Where results went, and what follows from other keys, is no part of how the sweep was made. */
const notRepeated: ReadonlySet<string> = new Set([
  "schema",
  "output_dir",
  "file_output",
  "commits_observed",
  "generator",
  "client_hosts",
]);

const defaults: Readonly<Record<string, unknown>> = buildParametersJson({
  ...defaultParameters,
  loadsTps: [],
});

/** @param parameters as parameters.json has them: what differs from the defaults becomes a flag */
export function repeatCommand(parameters: Readonly<Record<string, unknown>>): RepeatCommand {
  const { command, rest, flagNames } = beginning(parameters);
  // Of these browsers have other defaults.
  const isOfBrowsers = parameters.generator === "routines";
  const always = new Set(["network_type", ...(isOfBrowsers ? ["committee", "duration"] : [])]);
  const unsaid: string[] = [];
  const words = Object.entries(rest).flatMap(([key, value]) => {
    const isDefault = JSON.stringify(value) === JSON.stringify(defaults[key]);
    if (notRepeated.has(key) || (isDefault && !always.has(key))) return [];
    const flags = flagsOf(key, value);
    if (flags === undefined) unsaid.push(key);
    return flags ?? [];
  });
  return {
    command: quoteArgv(["npx", "baleen", ...command, ...words.map((word) => flagNames.get(word) ?? word)]),
    unsaid,
  };
}

interface Beginning {
  readonly command: readonly string[];
  /** What is left to say. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** How the command calls some flags. */
  readonly flagNames: ReadonlyMap<string, string>;
}

/** A test in browsers has a command of its own, which makes their page. */
function beginning(parameters: Readonly<Record<string, unknown>>): Beginning {
  if (parameters.generator !== "routines") {
    return { command: ["benchmark"], rest: parameters, flagNames: new Map() };
  }
  const { protocol: _, protocol_options, network_type, ...rest } = parameters;
  const { page: _page, ...options } = protocol_options as Readonly<Record<string, unknown>>;
  const isLocal = network_type === "local";
  return {
    command: ["browsers", ...(isLocal ? ["--local"] : [])],
    rest: { ...(isLocal ? {} : { network_type }), ...rest, protocol_options: options },
    flagNames: new Map([
      ["--committee", "--peers"],
      ["--timeline", "--preset"],
    ]),
  };
}

/** @returns undefined where no flag says it */
function flagsOf(key: string, value: unknown): string[] | undefined {
  const [option] = optionsOfKey(key);
  if (option === undefined || key === "protocol_description" || key === "hosts") return undefined;
  const flag = `--${kebabCase(option)}`;
  if (key === "cleanup") return [value === "thorough" ? "--cleanup-thorough" : "--cleanup"];
  if (key === "assertions" && Array.isArray(value)) return value.flatMap((one) => [flag, String(one)]);
  if (typeof value === "boolean") return [value ? flag : `--no-${kebabCase(option)}`];
  if (Array.isArray(value)) return [flag, value.join(",")];
  if (typeof value !== "object" || value === null) return [flag, String(value)];
  // Maps and presets of the package, and files, are known by their names.
  const { name } = value as { readonly name?: unknown };
  if ((key === "links" || key === "timeline") && typeof name === "string") return [flag, name];
  if (key === "protocol_options") {
    return Object.entries(value).flatMap(([own, of]) => [flag, `${camelCase(own)}=${of}`]);
  }
  return undefined;
}

const camelCase = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
