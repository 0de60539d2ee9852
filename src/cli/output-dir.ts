import { defaultParameters } from "../config/parameters.ts";
import { type Given, openReader } from "../config/rule.ts";
import { rules } from "../config/rules.ts";
import type { Fault } from "../core/errors.ts";

/** The folder in which bundles are looked for. */
export function readOutputDir(given: Readonly<Record<string, Given>>): {
  readonly outputDir: string;
  readonly faults: readonly Fault[];
} {
  const { read, faults } = openReader();
  return { outputDir: read(rules.outputDir, given.outputDir, defaultParameters.outputDir), faults };
}
