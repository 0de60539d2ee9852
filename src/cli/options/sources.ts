import { type Diagnostic, describeError } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { namedMaps, namedTimelines } from "../../links/maps.ts";
import { openParameters } from "../../options/checks/given.ts";
import { type PlannedVariation, planVariation } from "../../options/checks/vary.ts";
import { type BenchFile, parseBenchFile } from "../../options/file/file.ts";
import type { HostSources } from "../../options/hosts/description.ts";
import { isDescriptionPath } from "../../options/rules/protocol-choice.ts";
import { type Given, openReader } from "../../options/rules/rule.ts";
import { type Layer, parseArguments } from "./arguments.ts";
import type { GivenReader } from "./command-options.ts";
import { type CommandName, operandsOf } from "./command-table.ts";
import { type Opened, openNamed, readNamed } from "./named-file.ts";
import { camelCase, environmentName, environmentNames, joined, type Option } from "./option.ts";
import { options, optionsOf } from "./option-table.ts";

/** Where options are looked for, nearest first; the file that `--config` names comes last. */
export interface OptionSources {
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Reads the files of `--config` and `--hosts`; its errors become a diagnostic. */
  readonly readFile: (path: string) => string;
  /** Folder for `~/` in what is said of hosts. Default: HOME of the environment. */
  readonly home?: string | undefined;
}

/** Everything that was given for a command, nearest source first: flag, environment, file. */
export interface GatheredOptions extends GivenReader {
  /** Words without `--`: "check" of `baleen hosts check`. */
  readonly words: readonly string[];
  /** Where hosts are described: the environment, and the file of `--hosts`. */
  readonly hosts: HostSources;
  /** What is given of each sweep where several differ in what `--vary` says; undefined also where that is wrong. */
  readonly variation?: PlannedVariation | undefined;
  /** What stands in the file of `--config`, by the value of the variable that it stands for: no diagnostic shows that. */
  readonly concealed: ReadonlyMap<string, string>;
}

/** Gathers the options of a command from all sources. Nothing is checked yet but names and presence. */
export function gatherOptions(command: CommandName, sources: OptionSources): GatheredOptions {
  const table = optionsOf(command);
  const flags = parseArguments(sources.argv, table, operandsOf(command));
  const environment = readEnvironment(sources.env, table, command);
  const layers: Layer[] = [flags, environment];
  const path = (flags.given.get("config") ?? environment.given.get("config"))?.value;
  const isWanted = (name: string) => table.some((option) => option.name === name && !option.flagOnly);
  const file = typeof path === "string" ? readConfigFile(path, isWanted, sources) : undefined;
  if (file !== undefined) layers.push(file);
  const given: Record<string, Given> = {};
  for (const layer of layers.toReversed()) {
    for (const [name, value] of layer.given) {
      const farther = joined.has(name) ? given[camelCase(name)] : undefined;
      given[camelCase(name)] = farther === undefined ? value : { ...value, farther };
    }
  }
  for (const [word, name] of otherWords) {
    if (given[word] === undefined) continue;
    given[name] = given[word];
    delete given[word];
  }
  // Of emulated links, only a measurement concerns hosts.
  const needsHosts = command !== "links" || given.probe !== undefined;
  const { hosts, diagnostics } = readHosts(needsHosts ? given.hosts : undefined, file, sources.readFile);
  const unreadable = putInFiles(given, sources.readFile);
  const reader = openReader();
  reader.diagnostics.push(...layers.flatMap((layer) => layer.diagnostics), ...diagnostics, ...unreadable);
  const planned = planVariation(openParameters(given, reader));
  const points = planned?.points.map((point) => {
    const own: Record<string, Given> = { ...point.given };
    reader.diagnostics.push(...putInFiles(own, sources.readFile));
    return { ...point, given: own };
  });
  return {
    ...reader,
    given,
    variation: planned && points && { ...planned, points },
    words: flags.words,
    hosts: { environment: sources.env, home: sources.home ?? sources.env.HOME ?? "", file: hosts },
    concealed: file?.concealed ?? new Map(),
  };
}

/** What `mesh` and `browsers` call options of `benchmark`. */
const otherWords = [
  ["peers", "committee"],
  ["preset", "timeline"],
] as const;

export const fileOptions: readonly Option[] = options.filter(
  ({ name, flagOnly }) => name !== "config" && !flagOnly,
);

/** Reads such a file; of options that are not wanted only the names are looked at. */
export function readConfigFile(
  path: string,
  isWanted: (option: string) => boolean,
  { env, readFile }: Pick<OptionSources, "env" | "readFile">,
): BenchFile {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    const message = `--config ${path}: ${describeError(error)}. Use a readable YAML file.`;
    return { given: new Map(), concealed: new Map(), diagnostics: [{ code: "config-file", message }] };
  }
  return parseBenchFile(text, { file: path, options: fileOptions, isWanted, environment: env });
}

const tracePrefix = "trace:";

type FileOption = "phases" | "profile" | "protocol" | "links" | "timeline";

/** Options whose rules know that a file could not be read. */
const unread: ReadonlySet<FileOption> = new Set(["protocol", "links", "timeline"]);

/** Replaces names of files by their content: of `--phases`, `--profile trace:FILE`, `--protocol FILE` and the like. */
function putInFiles(
  given: Record<string, Given>,
  readFile: OptionSources["readFile"],
): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const put = (option: FileOption, open: (word: string, name: string) => Opened | undefined) => {
    const one = given[option];
    if (typeof one?.value !== "string") return;
    const opened = open(one.value, one.name);
    if (opened === undefined) return;
    if ("file" in opened) {
      given[option] = { ...one, value: opened.file };
      return;
    }
    delete given[option];
    // Not the usual one in its place: what else is given would be held to that one.
    if (unread.has(option)) given[option] = { ...one, value: { path: one.value } };
    diagnostics.push(opened.diagnostic);
  };
  put("protocol", (word, option) =>
    isDescriptionPath(word) ? readNamed(word, "protocol-file", { readFile, option }) : undefined,
  );
  put("phases", (word, option) => readNamed(word, "phases-file", { readFile, option }));
  put("profile", (word, option) => {
    const path = word.startsWith(tracePrefix) ? word.slice(tracePrefix.length) : undefined;
    return path === undefined ? undefined : readNamed(path, "profile-file", { readFile, option });
  });
  put("links", (word, option) => openNamed(word, namedMaps, { readFile, option }));
  put("timeline", (word, option) => openNamed(word, namedTimelines, { readFile, option }));
  return diagnostics;
}

/** What they say is checked with the hosts; here a file has only to be readable. */
function readHosts(
  given: Given | undefined,
  config: BenchFile | undefined,
  readFile: OptionSources["readFile"],
): { readonly hosts?: HostSources["file"]; readonly diagnostics: readonly Diagnostic[] } {
  if (typeof given?.value !== "string" || given.value === "") return { diagnostics: [] };
  // They stand in the file of options itself, unless a flag or a variable names another one.
  if (config?.hosts !== undefined && config.given.get("hosts") === given) {
    return { hosts: config.hosts, diagnostics: [] };
  }
  try {
    return { hosts: { path: given.value, text: readFile(given.value) }, diagnostics: [] };
  } catch (error) {
    const message = `${given.name} ${given.value}: ${describeError(error)}. Use a readable hosts file; hosts.example.env is an example.`;
    return { hosts: { path: given.value, text: undefined }, diagnostics: [{ code: "hosts-file", message }] };
  }
}

/** Variables that are no option's: the log level, a secret, and those that our compose files name (not `--image`). */
const otherVariables = new Set(["BALEEN_LOG", "BALEEN_IMAGE", "BALEEN_INFLUX_TOKEN", "BALEEN_INFLUX_URL"]);

/** BALEEN_… variables; an empty one counts as not set. One that is nearly an option's name is a diagnostic. */
function readEnvironment(env: Environment, table: readonly Option[], command: CommandName): Layer {
  const given = new Map<string, Given>();
  for (const option of table) {
    const names = environmentNames(option, command).filter((name) => !otherVariables.has(name));
    const name = names.find((one) => env[one] !== undefined && env[one] !== "");
    if (name !== undefined) {
      given.set(option.name, { name, value: env[name], rank: 1 });
    }
  }
  const known = options.map(environmentName);
  const diagnostics: Diagnostic[] = [];
  for (const name of Object.keys(env)) {
    if (!name.startsWith("BALEEN_") || known.includes(name) || otherVariables.has(name)) continue;
    const remedy = suggestion(name, known);
    if (remedy === "") continue;
    diagnostics.push({ code: "unknown-option", message: `${name}: no such environment variable.${remedy}` });
  }
  return { given, diagnostics };
}
