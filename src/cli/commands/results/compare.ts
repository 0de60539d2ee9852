import { join, resolve } from "node:path";
import type { Calibration } from "../../../contracts/results/calibration.ts";
import type { Comparison, SideRuns } from "../../../contracts/results/comparison.ts";
import { formatJson } from "../../../core/documents/numbers.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { defaultParameters } from "../../../options/parameters.ts";
import { boolean, type Given, openReader, text } from "../../../options/rules/rule.ts";
import { compareSweeps } from "../../../results/analysis/comparison/compare.ts";
import { readCalibration } from "../../../results/bundle/calibration-file.ts";
import { buildComparisonJson, writeComparison } from "../../../results/bundle/comparison-files.ts";
import { findBundle } from "../../../results/bundle/find-bundle.ts";
import { checkOutputDir } from "../../../results/bundle/output-dir.ts";
import { readSide } from "../../../results/bundle/read-side.ts";
import { formatComparison } from "../../../results/report/blocks/comparison.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import {
  comparabilityDiagnostics,
  compareOptionsOf,
  readCompareOptions,
} from "../../options/compare-options.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";

/** `compare A B`: two sweeps, load by load. */
export async function runCompare(request: CommandRequest, context: CommandContext): Promise<ExitCode> {
  const { outputDir, diagnostics } = readOptions(request.given);
  const { diagnostics: termDiagnostics, ...asked } = readCompareOptions(request.given);
  const [a, b] = request.words;
  const read: { a?: SideRuns; b?: SideRuns; calibration?: Calibration } = {};
  // --output-dir is where this command writes.
  const look = (name: "a" | "b", word: string | undefined) => async (): Promise<readonly Diagnostic[]> => {
    if (word !== undefined) read[name] = await readSide(await findBundle(word, defaultParameters.outputDir));
    return [];
  };
  const lookAtCalibration = async () => {
    if (asked.calibration !== undefined) read.calibration = await readCalibration(asked.calibration);
    return [];
  };
  const writable = async () => {
    const diagnostic = outputDir === undefined ? undefined : await checkOutputDir(outputDir);
    return diagnostic === undefined ? [] : [diagnostic];
  };
  const checks = [look("a", a), look("b", b), lookAtCalibration, writable];
  await preflight([...request.diagnostics, ...diagnostics, ...termDiagnostics], checks, context.signal);
  if (read.a === undefined || read.b === undefined) throw new TypeError("a side is missing, without a fault");
  const sides = { a: read.a, b: read.b, calibration: read.calibration };
  await preflight(comparabilityDiagnostics(sides, asked), [], context.signal);
  const comparison = compareSweeps(sides.a, sides.b, compareOptionsOf(asked, sides.calibration));
  const folder = outputDir === undefined ? undefined : resolve(outputDir);
  if (folder !== undefined) await writeComparison(folder, comparison, `${formatComparison(comparison)}\n`);
  showComparison(comparison, folder, context);
  return 0;
}

/** One JSON document with --json, else the text, and where it was written. */
function showComparison(
  comparison: Comparison,
  folder: string | undefined,
  { terminal, settings }: Pick<CommandContext, "terminal" | "settings">,
): void {
  if (settings.json) {
    terminal.print(formatJson(buildComparisonJson(comparison)).trimEnd());
    return;
  }
  terminal.print(formatComparison(comparison));
  if (folder !== undefined) terminal.print(`\nComparison: ${join(folder, "comparison.txt")}`);
}

function readOptions(given: Readonly<Record<string, Given>>) {
  const { read, diagnostics } = openReader();
  const path = text("a path", 4096);
  const written = read(boolean, given.fileOutput, given.outputDir !== undefined);
  const outputDir = read(path, given.outputDir, ".");
  return { outputDir: written ? outputDir : undefined, diagnostics };
}
