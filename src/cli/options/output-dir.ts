import type { Diagnostic } from "../../core/errors.ts";
import { defaultParameters } from "../../options/parameters.ts";
import { type Given, openReader } from "../../options/rules/rule.ts";
import { rules } from "../../options/rules/rules.ts";

/** The folder in which bundles are looked for. */
export function readOutputDir(given: Readonly<Record<string, Given>>): {
  readonly outputDir: string;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { read, diagnostics } = openReader();
  return { outputDir: read(rules.outputDir, given.outputDir, defaultParameters.outputDir), diagnostics };
}
