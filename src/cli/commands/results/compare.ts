import { basename, join, resolve } from "node:path";
import type { Calibration } from "../../../contracts/results/calibration.ts";
import type { SideRuns } from "../../../contracts/results/comparison.ts";
import { ConfigurationError, type Diagnostic } from "../../../core/errors.ts";
import { suggestion } from "../../../core/text/nearest.ts";
import { defaultParameters } from "../../../options/defaults.ts";
import { boolean, text } from "../../../options/rules/rule.ts";
import { calibrationMismatches } from "../../../results/analysis/comparison/calibrate.ts";
import {
  type CompareOptions,
  compareSweeps,
  defaultCompareOptions,
} from "../../../results/analysis/comparison/compare.ts";
import {
  measurementNames,
  refusedDifferences,
} from "../../../results/analysis/comparison/parameter-differences.ts";
import {
  buildComparisonJson,
  readCalibration,
  writeComparison,
} from "../../../results/bundle/comparison-files.ts";
import { findBundle } from "../../../results/bundle/find-bundle.ts";
import { checkOutputDir } from "../../../results/bundle/folders.ts";
import { findVariation } from "../../../results/bundle/parts.ts";
import { readSide, sidesIn } from "../../../results/bundle/reader.ts";
import { comparisonPage } from "../../../results/page/comparison-page.ts";
import { formatSideLinks } from "../../../results/report/blocks/compared-links.ts";
import { formatComparison } from "../../../results/report/blocks/comparison.ts";
import { preflight, refuse } from "../../../run/prepare/preflight.ts";
import { readOwn } from "../../options/command-options.ts";
import { type Command, type CommandRequest, printFound } from "../../terminal/context.ts";
import { openViewFiles } from "./view-files.ts";

/** `compare A B`: two sweeps, load by load; `compare A`: those of both networks. */
export const runCompare: Command = async (request, context) => {
  const { outputDir, ...asked } = readOptions(request);
  const read: { a?: SideRuns; b?: SideRuns; calibration?: Calibration } = {};
  const sidesRead = new Map<string, Promise<SideRuns>>();
  const readOnce = (path: string): Promise<SideRuns> => {
    const side = sidesRead.get(path) ?? readSide(path);
    sidesRead.set(path, side);
    return side;
  };
  const look = (name: "a" | "b") => async (): Promise<readonly Diagnostic[]> => {
    const path = await chooseSide(name, request.words, readOnce);
    if (path !== undefined) read[name] = await readOnce(path);
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
  const views = openViewFiles(request, context.settings.json);
  const checks = [look("a"), look("b"), lookAtCalibration, writable, views.check];
  await preflight(request.diagnostics, checks, context.signal);
  if (read.a === undefined || read.b === undefined) throw new TypeError("a side is missing, without a fault");
  const sides = { a: read.a, b: read.b, calibration: read.calibration };
  refuse(comparabilityDiagnostics(sides, asked));
  const comparison = compareSweeps(sides.a, sides.b, compareOptions(asked, sides.calibration));
  const shown = formatComparison(comparison);
  const folder = outputDir === undefined ? undefined : resolve(outputDir);
  if (folder !== undefined) {
    const page = await comparisonPage(comparison, sides);
    await writeComparison(folder, comparison, { text: `${shown}\n`, page });
  }
  const named = (["a", "b"] as const).map((name) => ({ side: name.toUpperCase(), runs: sides[name].runs }));
  await views.write({ named, sweeps: [], compared: { comparison, sides } });
  const written = folder === undefined ? "" : `\n\nComparison: ${join(folder, "comparison.txt")}`;
  printFound(context, () => buildComparisonJson(comparison), `${shown}${written}`);
  return 0;
};

/**
 * The path of a side. A folder with the sweeps of both networks is two sides by itself, and beside another side the one
 * on the same network.
 *
 * @returns undefined where its word is missing, which is known already
 * @throws ConfigurationError, BundleReadError
 */
async function chooseSide(
  name: "a" | "b",
  words: readonly string[],
  read: (path: string) => Promise<SideRuns>,
): Promise<string | undefined> {
  const [word, other] = name === "a" ? words : words.toReversed();
  if (word === undefined) return undefined;
  // Not in --output-dir, where this command writes.
  const path = await findBundle(word, defaultParameters.outputDir);
  const sides = await sidesIn(path);
  const [first, second, third] = sides;
  // Nothing says which of its points to compare: reading the folder itself gives the error.
  const isAny = (other ?? third) === undefined;
  if (!isAny && second !== undefined && (await findVariation(path)) !== undefined) return path;
  if (other === undefined) {
    if (name === "a") return first;
    if (second !== undefined) return second;
    const message = "the second side is missing. Give B.";
    throw new ConfigurationError([{ code: "missing-argument", message }]);
  }
  if (second === undefined) return first;
  const others = await sidesIn(await findBundle(other, defaultParameters.outputDir));
  // With both networks on both sides, nothing says which to compare: reading the folder itself gives the error.
  if (others[1] !== undefined || others[0] === undefined) return path;
  const { networkType } = await read(others[0]);
  return sides.find((side) => basename(side) === networkType);
}

type AskedOptions = Omit<ReturnType<typeof readOptions>, "outputDir">;

function readOptions(request: CommandRequest) {
  const { given, read } = request;
  const written = read(boolean, given.fileOutput, given.outputDir !== undefined);
  const outputDir = read(text("a path", 4096), given.outputDir, ".");
  const minEffectPercent = defaultCompareOptions.minEffectRatio * 100;
  const usual = { minEffect: minEffectPercent, allowDifferent: "", calibration: undefined };
  const { allowDifferent, minEffect, calibration } = readOwn(request, usual);
  const names = allowDifferent.split(",").map((name) => name.trim());
  return {
    outputDir: written ? outputDir : undefined,
    minEffectRatio: minEffect / 100,
    /** Path of its file. */
    calibration,
    /** Published names of parameters. */
    allowed: new Set(names).difference(new Set([""])),
  };
}

interface ReadSides {
  readonly a: SideRuns;
  readonly b: SideRuns;
  readonly calibration: Calibration | undefined;
}

/** Why the sides cannot be compared, all at once. */
export function comparabilityDiagnostics(
  { a, b, calibration }: ReadSides,
  asked: AskedOptions,
): readonly Diagnostic[] {
  const { allowed } = asked;
  const { differences, links } = compareSweeps(a, b);
  const refused = refusedDifferences(differences, allowed);
  const linksText =
    links === undefined ? "" : ` (A: ${formatSideLinks(links.a)}. B: ${formatSideLinks(links.b)}.)`;
  const remedy = `--allow-different ${[...new Set([...allowed, ...refused.map(({ name }) => name)])].join(",")}`;
  const known = measurementNames([...a.runs, ...b.runs]);
  const mismatches = calibration === undefined ? [] : calibrationMismatches({ calibration, a, b, allowed });
  return [
    ...refused.map(
      (one): Diagnostic => ({
        code: "other-parameters",
        message: `${one.name} is ${one.a} in A and ${one.b} in B, which may explain the difference.${one.name === "links" ? linksText : ""} Measure both in the same way, or compare anyway with ${remedy}.`,
      }),
    ),
    ...[...allowed]
      .filter((name) => !known.includes(name))
      .map(
        (name): Diagnostic => ({
          code: "invalid-value",
          message: `--allow-different: "${name}" is not a parameter of the measurement.${suggestion(name, known)}`,
        }),
      ),
    ...mismatches.map(
      (clause): Diagnostic => ({
        code: "other-calibration",
        message: `--calibration ${asked.calibration}: ${clause}. Calibrate with the options of the compared sweeps.`,
      }),
    ),
  ];
}

function compareOptions(
  { minEffectRatio, calibration: path }: AskedOptions,
  calibration: Calibration | undefined,
): CompareOptions {
  if (calibration === undefined || path === undefined) return { minEffectRatio };
  return {
    minEffectRatio,
    calibration: {
      path,
      noiseFloorRatio: (loadTps, metric) =>
        calibration.loads.find((load) => load.loadTps === loadTps)?.metrics[metric]?.noiseFloorRatio,
    },
  };
}
