/** The file of `--config`: everything of a sweep, as a team keeps it in its repository. */
import { dirname, isAbsolute, join } from "node:path";
import { readYamlFile } from "../../core/documents/yaml.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { isTable, mapValues } from "../../core/keys.ts";
import type { FilePart, HostSources, HostsFile } from "../hosts/description.ts";
import type { Given, Rule } from "../rules/rule.ts";
import { findOptions, placeName } from "./layout.ts";
import type { NamedOption } from "./sections.ts";
import { substituteAll } from "./variables.ts";

export interface FileOption extends NamedOption {
  readonly rule: Rule<unknown>;
}

export interface BenchFile {
  /** By the option's name in kebab case; only those that were wanted. */
  readonly given: ReadonlyMap<string, Given>;
  /** Where hosts stand in the file itself, for what is given as `hosts`. */
  readonly hosts?: HostsFile | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What is written in the file, by what it stands for: variables that diagnostics must not show. */
  readonly concealed: ReadonlyMap<string, string>;
}

export interface BenchOptions {
  readonly file: string;
  /** All that may stand in it. */
  readonly options: readonly FileOption[];
  /** Options of other commands are let be. */
  readonly isWanted: (option: string) => boolean;
  /** For `${NAME}`. */
  readonly environment: HostSources["environment"];
}

/**
 * Reads such a file: its sections, variables and paths, which count from its folder. What the values are is not checked
 * yet, but each is named with its line. Pure.
 */
export function parseBenchFile(text: string, settings: BenchOptions): BenchFile {
  const { file } = settings;
  const diagnostics: Diagnostic[] = [];
  const refuse = (message: string) => diagnostics.push({ code: "config-file", message });
  const given = new Map<string, Given>();
  const concealed = new Map<string, string>();
  const { value: content, lineOf } = readYamlFile(file, text, refuse) ?? { value: null, lineOf: () => 1 };
  if (!isTable(content)) {
    // An empty file says nothing.
    if (content !== null && content !== undefined) {
      refuse(`${file}:1: not a list of options. Give lines such as "duration: 60".`);
    }
    return { given, concealed, diagnostics };
  }
  const places = { ...settings, lineOf };
  const options = findOptions(content, places);
  let hosts: HostsFile | undefined;
  for (const { option, path, value: written } of options.found) {
    if (!settings.isWanted(option)) continue;
    const problems: Diagnostic[] = [];
    const { value, hidden } = substituteAll(written, settings.environment, (at, problem) => {
      problems.push({ code: "variable", message: `${placeName([...path, ...at], places)}: ${problem}` });
    });
    diagnostics.push(...problems);
    // An option whose variable is not set is left out.
    if (problems.length > 0) continue;
    for (const one of hidden) concealed.set(one.value, one.written);
    const part = {
      value,
      hidden: hidden.map((one) => one.value),
      lineOf: (at: Path) => lineOf([...path, ...at]),
    };
    if (option === "hosts" && isInline(value)) hosts = { path: file, text: "", part: hostsOf(part, file) };
    const nameOf = (keys: Path) => placeName([...path, ...keys], places);
    given.set(option, givenOf(option, part, { settings, nameOf }));
  }
  return { given, hosts, concealed, diagnostics: [...options.diagnostics, ...diagnostics] };
}

type Path = readonly (string | number)[];

/** Options whose file may stand in the file of options itself. */
const inlineOptions: ReadonlySet<string> = new Set(["phases", "links", "timeline"]);

const isInline = (value: unknown) => typeof value === "object" && value !== null;

function givenOf(
  option: string,
  part: FilePart,
  { settings, nameOf }: { readonly settings: BenchOptions; readonly nameOf: (keys: Path) => string },
): Given {
  const { value, hidden } = part;
  const { file } = settings;
  const base = { name: nameOf([]), rank: 2, ...(hidden.length === 0 ? {} : { hidden }) };
  if (option === "hosts" && isInline(value)) return { ...base, value: file };
  if (inlineOptions.has(option) && isInline(value)) return { ...base, value: { path: file, text: "", part } };
  if (isTable(value)) {
    return { ...base, value, keyNames: new Map(Object.keys(value).map((key) => [key, nameOf([key])])) };
  }
  if (Array.isArray(value)) return { ...base, value, itemNames: value.map((_, index) => nameOf([index])) };
  return { ...base, value: placed(option, value, settings) };
}

/** A list of hosts is what a hosts file has below `hosts`. */
function hostsOf(part: FilePart, file: string): FilePart {
  const { value, lineOf } = part;
  const isList = Array.isArray(value);
  const table = isList ? { hosts: value } : (value as Readonly<Record<string, unknown>>);
  const withKey = (host: unknown) =>
    isTable(host) && typeof host.key === "string" ? { ...host, key: pathFrom(file, host.key) } : host;
  return {
    ...part,
    value: mapValues(table, (one) => (Array.isArray(one) ? one.map(withKey) : one)),
    lineOf: isList ? (at) => lineOf(at.slice(1)) : lineOf,
  };
}

/** Options that are a name or a path. */
const namedOptions: ReadonlySet<string> = new Set(["protocol", "links", "timeline"]);

/** A path counts from the file's folder. */
function placed(option: string, value: unknown, { file, options }: BenchOptions): unknown {
  if (typeof value !== "string") return value;
  const trace = "trace:";
  if (option === "profile" && value.startsWith(trace)) {
    return `${trace}${pathFrom(file, value.slice(trace.length))}`;
  }
  // A name is looked up elsewhere: among those that come with Baleen, and on PATH.
  if (namedOptions.has(option)) return /\/|\.ya?ml$/.test(value) ? pathFrom(file, value) : value;
  if (option === "node-binary") return value.includes("/") ? pathFrom(file, value) : value;
  const isPath = options.some(({ name, rule }) => name === option && rule.isPath);
  return isPath ? pathFrom(file, value) : value;
}

function pathFrom(file: string, path: string): string {
  const folder = dirname(file);
  const stays = folder === "." || path === "" || isAbsolute(path) || path.startsWith("~/");
  return stays ? path : join(folder, path);
}
