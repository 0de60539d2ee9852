/** The file of `--config`: everything of a sweep, as a team keeps it in its repository. */
import { dirname, isAbsolute, join } from "node:path";
import { parseYamlWithLines, YamlError, type YamlWithLines } from "../../core/documents/yaml.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { isTable } from "../../core/keys.ts";
import type { FilePart, HostSources, HostsFile } from "../hosts/description.ts";
import type { Given, Rule } from "../rules/rule.ts";
import { type FoundOption, findOptions, placeName } from "./layout.ts";
import type { NamedOption } from "./sections.ts";
import { substituteAll } from "./variables.ts";

/** An option that may stand in a file. */
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
  /** Its path, as it was given. */
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
  const fail = (messages: readonly string[]): BenchFile => ({
    given: new Map(),
    concealed: new Map(),
    diagnostics: messages.map((message) => ({ code: "config-file", message })),
  });
  let document: YamlWithLines;
  try {
    document = parseYamlWithLines(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return fail(
      error.problems.map(({ message, line }) => `${file}:${line}: ${message}. Give a readable YAML file.`),
    );
  }
  const { value: content, lineOf } = document;
  if (content === null || content === undefined) return fail([]);
  if (!isTable(content)) {
    return fail([`${file}:1: not a list of options. Give lines such as "duration: 60".`]);
  }
  const { found, diagnostics } = findOptions(content, { file, lineOf, options: settings.options });
  const reader = new BenchReader({ ...settings, lineOf });
  for (const one of found) if (settings.isWanted(one.option)) reader.read(one);
  const { given, hosts, concealed } = reader;
  return { given, hosts, concealed, diagnostics: [...diagnostics, ...reader.diagnostics] };
}

class BenchReader {
  readonly given = new Map<string, Given>();
  readonly concealed = new Map<string, string>();
  readonly diagnostics: Diagnostic[] = [];
  hosts: HostsFile | undefined;
  readonly #options: BenchOptions & Pick<YamlWithLines, "lineOf">;
  readonly #folder: string;

  constructor(settings: BenchOptions & Pick<YamlWithLines, "lineOf">) {
    this.#options = settings;
    this.#folder = dirname(settings.file);
  }

  /** An option whose variable is not set is left out. */
  read({ option, path, value: written }: FoundOption): void {
    const { environment, file, lineOf } = this.#options;
    const diagnosticsBefore = this.diagnostics.length;
    const { value, hidden } = substituteAll(written, environment, (at, problem) => {
      const message = `${placeName([...path, ...at], this.#options)}: ${problem}`;
      this.diagnostics.push({ code: "variable", message });
    });
    if (this.diagnostics.length > diagnosticsBefore) return;
    for (const one of hidden) this.concealed.set(one.value, one.written);
    const values = hidden.map((one) => one.value);
    const part: FilePart = { value, hidden: values, lineOf: (at) => lineOf([...path, ...at]) };
    const name = placeName(path, this.#options);
    const places = (keys: readonly (string | number)[]) =>
      keys.map((key) => placeName([...path, key], this.#options));
    const isInline = typeof value === "object" && value !== null;
    const base = { name, rank: 2, ...(values.length === 0 ? {} : { hidden: values }) };
    if (option === "hosts" && isInline) {
      this.hosts = { path: file, text: "", part: this.#hostsOf(part) };
      this.given.set(option, { ...base, value: file });
    } else if (option === "phases" && isInline) {
      this.given.set(option, { ...base, value: { path: file, text: "", part } });
    } else if (isTable(value)) {
      const keyNames = new Map(
        Object.keys(value).map((key) => [key, placeName([...path, key], this.#options)]),
      );
      this.given.set(option, { ...base, value, keyNames });
    } else if (Array.isArray(value)) {
      this.given.set(option, { ...base, value, itemNames: places([...value.keys()]) });
    } else {
      this.given.set(option, { ...base, value: this.#placed(option, value) });
    }
  }

  /** A list of hosts is what a hosts file has below `hosts`. */
  #hostsOf(part: FilePart): FilePart {
    const { value, lineOf } = part;
    const isList = Array.isArray(value);
    const table = isList ? { hosts: value } : (value as Readonly<Record<string, unknown>>);
    const placed = Object.entries(table).map(([key, one]) => [
      key,
      Array.isArray(one) ? one.map((host: unknown) => this.#withKey(host)) : one,
    ]);
    return {
      ...part,
      value: Object.fromEntries(placed),
      lineOf: isList ? (at) => lineOf(at.slice(1)) : lineOf,
    };
  }

  #withKey(host: unknown): unknown {
    return isTable(host) && typeof host.key === "string" ? { ...host, key: this.#path(host.key) } : host;
  }

  /** A path counts from the file's folder. */
  #placed(option: string, value: unknown): unknown {
    if (typeof value !== "string") return value;
    const trace = "trace:";
    if (option === "profile" && value.startsWith(trace)) {
      return `${trace}${this.#path(value.slice(trace.length))}`;
    }
    // A name is looked up elsewhere: among the protocols that are known, and on PATH.
    if (option === "protocol") return /\/|\.ya?ml$/.test(value) ? this.#path(value) : value;
    if (option === "node-binary") return value.includes("/") ? this.#path(value) : value;
    const isPath = this.#options.options.some(({ name, rule }) => name === option && rule.isPath);
    return isPath ? this.#path(value) : value;
  }

  #path(path: string): string {
    const stays = this.#folder === "." || path === "" || isAbsolute(path) || path.startsWith("~/");
    return stays ? path : join(this.#folder, path);
  }
}
