import type { Diagnostic } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { boolean, choice, type Given, openReader } from "../../options/rules/rule.ts";

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

export interface CheckedSettings {
  readonly settings: Settings;
  readonly diagnostics: readonly Diagnostic[];
}

/** BALEEN_LOG=debug is --verbose, unless flags say otherwise. */
export function checkSettings(given: Readonly<Record<string, Given>>, env: Environment): CheckedSettings {
  const { read, diagnostics } = openReader();
  const quiet = read(boolean, given.quiet, false);
  const verbose = read(boolean, given.verbose, env.BALEEN_LOG === "debug" && !quiet);
  if (quiet && verbose) {
    diagnostics.push({
      code: "contradiction",
      message: `${given.quiet?.name} and ${given.verbose?.name} contradict each other. Give one of them.`,
    });
  }
  const settings: Settings = {
    json: read(boolean, given.json, false),
    consoleOutput: read(boolean, given.consoleOutput, true),
    quiet,
    verbose,
    live: read(boolean, given.live, true),
    logFormat: read(choice("text", "json"), given.logFormat, "text"),
  };
  return { settings, diagnostics };
}
