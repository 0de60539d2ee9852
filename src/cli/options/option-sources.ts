import type { Environment } from "../../core/process/environment.ts";

export interface OptionSources {
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Reads the files of `--config` and `--hosts`; its errors become a diagnostic. */
  readonly readFile: (path: string) => string;
  /** Folder for `~/` in what is said of hosts. Default: HOME of the environment. */
  readonly home?: string | undefined;
}
