import type { YamlWithLines } from "../../core/documents/yaml.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { isTable } from "../../core/keys.ts";
import { formatForeignLines } from "../../core/text/foreign-text.ts";
import { nearestName } from "../../core/text/nearest.ts";
import {
  type BenchSection,
  benchSections,
  benchTop,
  kebabCase,
  keysOf,
  type NamedOption,
} from "./sections.ts";

export interface FoundOption {
  /** Kebab case. */
  readonly option: string;
  /** Keys that lead to it. */
  readonly path: readonly string[];
  readonly value: unknown;
}

interface FileOptions extends Pick<YamlWithLines, "lineOf"> {
  readonly file: string;
  /** All that may stand in a file. */
  readonly options: readonly NamedOption[];
}

/** A key as diagnostics show it. */
const onOneLine = (key: string) => {
  const line = formatForeignLines(/\p{Cc}/u.test(key) ? JSON.stringify(key) : key);
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
};

/** "load.duration in bench.yaml:12", "loads[1] in bench.yaml:4" */
export function placeName(
  path: readonly (string | number)[],
  { file, lineOf }: Omit<FileOptions, "options">,
) {
  const keys = path.map((key, at) =>
    typeof key === "number" ? `[${key}]` : `${at === 0 ? "" : "."}${onOneLine(key)}`,
  );
  return `${keys.join("")} in ${file}:${lineOf(path)}`;
}

/** The options in a file's sections and at its top, each once; names that mean nothing are told, all at once. */
export function findOptions(
  content: object,
  settings: FileOptions,
): { readonly found: readonly FoundOption[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const top: Level = { keys: keysOf(benchTop, settings.options), sections: benchSections, path: [] };
  const all = readLevel(content, top, { ...settings, diagnostics });
  const found = new Map<string, FoundOption>();
  for (const one of all) {
    const first = found.get(one.option);
    if (first === undefined) found.set(one.option, one);
    else {
      const where = `${first.path.join(".")} in line ${settings.lineOf(first.path)}`;
      const message = `${placeName(one.path, settings)}: duplicates ${where}. Keep one of them.`;
      diagnostics.push({ code: "option-twice", message });
    }
  }
  return { found: [...found.values()], diagnostics };
}

/** What may stand in a table: at the top, or in a section. */
interface Level {
  readonly keys: ReadonlyMap<string, string>;
  readonly sections: readonly BenchSection[];
  readonly path: readonly string[];
}

interface Walk extends FileOptions {
  readonly diagnostics: Diagnostic[];
}

function readLevel(table: object, level: Level, walk: Walk): readonly FoundOption[] {
  return Object.entries(table).flatMap(([key, value]): readonly FoundOption[] => {
    const path = [...level.path, key];
    const refuse = (code: ErrorCode, reason: string) => {
      walk.diagnostics.push({ code, message: `${placeName(path, walk)}: ${reason}` });
      return [];
    };
    const name = kebabCase(key);
    const section = level.sections.find((one) => one.name === name);
    const option = level.keys.get(name);
    if (section !== undefined && isTable(value)) {
      const { turnsOn, sections: names = [] } = section;
      const keys = keysOf(section, walk.options);
      const sections = benchSections.filter((one) => names.includes(one.name));
      return [
        ...(turnsOn === undefined ? [] : [{ option: turnsOn, path, value: true }]),
        ...readLevel(value, { keys, sections, path }, walk),
      ];
    }
    if (section !== undefined && option === undefined) {
      // All that stands in it may be commented out.
      if (value === null) return [];
      const [first] = keysOf(section, walk.options).keys();
      return refuse("not-a-table", `expected a section. Add lines such as "${first}: ..." below it.`);
    }
    if (option === undefined)
      return refuse("unknown-option", `no such option.${remedyFor(name, level, walk)}`);
    if (value === null)
      return refuse("missing-value", "its value is missing. Add a value, or remove the key.");
    return [{ option, path, value }];
  });
}

/** The name that is nearest, or where the key belongs. */
function remedyFor(name: string, level: Level, { options }: Walk) {
  const near = nearestName(name, [...level.keys.keys(), ...level.sections.map((section) => section.name)]);
  if (near !== undefined) return ` Did you mean ${near}?`;
  const home = benchSections.find((section) => keysOf(section, options).has(name));
  if (home !== undefined && level.path.length > 0)
    return ` It belongs to ${home.name}, or to the top of the file.`;
  if (keysOf(benchTop, options).has(name)) return " It belongs to the top of the file.";
  return home === undefined ? " Remove it; see --help for the names." : ` It belongs to ${home.name}.`;
}
