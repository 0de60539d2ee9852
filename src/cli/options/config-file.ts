import { describeError } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { type BenchFile, parseBenchFile } from "../../options/file/file.ts";
import { flagOnly, type Option } from "./option.ts";
import { options } from "./options.ts";

/** Where options are looked for, nearest first; the file that `--config` names comes last. */
export interface OptionSources {
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Reads the files of `--config` and `--hosts`; its errors become a diagnostic. */
  readonly readFile: (path: string) => string;
  /** Folder for `~/` in what is said of hosts. Default: HOME of the environment. */
  readonly home?: string | undefined;
}

export const fileOptions: readonly Option[] = options.filter(
  ({ name }) => name !== "config" && !flagOnly.has(name),
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
