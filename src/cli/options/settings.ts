import type { Diagnostic } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { openReader } from "../../options/rules/rule.ts";
import { type GivenReader, readOwn } from "./own-options.ts";

/** How the command line talks; nothing of it changes what is measured. */
export interface Settings {
  /** Standard output is one JSON document. */
  readonly json: boolean;
  /** Results are printed as runs end. */
  readonly consoleOutput: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** On a terminal, show how a run goes in lines that are redrawn in place. */
  readonly live: boolean;
  /** Of standard error. */
  readonly logFormat: "text" | "json";
}

/** BALEEN_LOG=debug is --verbose, unless flags say otherwise. */
export function readSettings({ given, diagnostics }: GivenReader, env: Environment): Settings {
  const talk = { json: false, consoleOutput: true, live: true, logFormat: "text" } as const;
  const reader = openReader();
  const options = readOwn({ given, ...reader }, { quiet: false, verbose: undefined, ...talk });
  const { quiet, verbose = env.BALEEN_LOG === "debug" && !quiet } = options;
  const contradiction: Diagnostic = {
    code: "contradiction",
    message: `${given.quiet?.name} and ${given.verbose?.name} contradict each other. Use one of them.`,
  };
  diagnostics.push(...(quiet && verbose ? [contradiction] : []), ...reader.diagnostics);
  return { ...options, verbose };
}
