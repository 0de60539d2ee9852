import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { compareSweeps, type SideRuns } from "../benchmark/compare.ts";
import { readCalibration } from "../bundle/calibration-file.ts";
import { writeComparison } from "../bundle/comparison-files.ts";
import { buildComparisonJson } from "../bundle/comparison-json.ts";
import { findBundle } from "../bundle/find-bundle.ts";
import { formatJson } from "../bundle/numbers.ts";
import { checkOutputDir } from "../bundle/output-dir.ts";
import { notEnded } from "../bundle/read-error.ts";
import { type BundleEnd, inForm, readBundle, readRun, type StoredBundle } from "../bundle/reader.ts";
import { defaultParameters } from "../config/parameters.ts";
import { boolean, type Given, openReader, text } from "../config/rule.ts";
import type { Calibration } from "../contracts/calibration.ts";
import type { Comparison } from "../contracts/comparison.ts";
import type { Fault } from "../core/errors.ts";
import { formatComparison } from "../report/comparison.ts";
import { comparabilityFaults, compareTerms, readTerms } from "./compare-terms.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import { preflight } from "./preflight.ts";

/** `compare A B`: two sweeps, load by load. */
export async function runCompare(request: CommandRequest, context: CommandContext): Promise<ExitCode> {
  const { outputDir, faults } = readOptions(request.given);
  const { faults: termFaults, ...asked } = readTerms(request.given);
  const [a, b] = request.words;
  const read: { a?: SideRuns; b?: SideRuns; calibration?: Calibration } = {};
  // --output-dir is where this command writes.
  const look = (name: "a" | "b", word: string | undefined) => async (): Promise<readonly Fault[]> => {
    if (word !== undefined) read[name] = await readSide(await findBundle(word, defaultParameters.outputDir));
    return [];
  };
  const lookAtCalibration = async () => {
    if (asked.calibration !== undefined) read.calibration = await readCalibration(asked.calibration);
    return [];
  };
  const writable = async () => {
    const fault = outputDir === undefined ? undefined : await checkOutputDir(outputDir);
    return fault === undefined ? [] : [fault];
  };
  const checks = [look("a", a), look("b", b), lookAtCalibration, writable];
  await preflight([...request.faults, ...faults, ...termFaults], checks, context.signal);
  if (read.a === undefined || read.b === undefined) throw new TypeError("a side is missing, without a fault");
  const sides = { a: read.a, b: read.b, calibration: read.calibration };
  await preflight(comparabilityFaults(sides, asked), [], context.signal);
  const comparison = compareSweeps(sides.a, sides.b, compareTerms(asked, sides.calibration));
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

/**
 * A bundle whose sweep came to an end, or a run's file, as one side.
 *
 * @throws BundleReadError naming what is missing or wrong
 */
export async function readSide(path: string): Promise<SideRuns> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) {
    const run = await readRun(resolve(path));
    return { path, networkType: run.parameters.networkType, runs: [run] };
  }
  const bundle = await readBundle(path);
  const { folder, parameters, runs } = bundle;
  const end = endOf(bundle, path);
  const networkType = inForm(join(folder, "parameters.json"), () =>
    parameters.choice("network_type", "local", "remote"),
  );
  return { path, networkType, runs, endedEarly: end.endedEarly };
}

/** @throws BundleReadError where its sweep has not come to an end, however early */
export function endOf({ folder, end }: StoredBundle, path: string): BundleEnd {
  if (end === undefined) throw notEnded(folder, path);
  return end;
}

function readOptions(given: Readonly<Record<string, Given>>) {
  const { read, faults } = openReader();
  const path = text("a path", 4096);
  const written = read(boolean, given.fileOutput, given.outputDir !== undefined);
  const outputDir = read(path, given.outputDir, ".");
  return { outputDir: written ? outputDir : undefined, faults };
}
