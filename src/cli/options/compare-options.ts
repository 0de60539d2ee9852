import type { Calibration } from "../../contracts/results/calibration.ts";
import type { SideRuns } from "../../contracts/results/comparison.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { suggestion } from "../../core/nearest.ts";
import { type Given, openReader } from "../../options/rules/rule.ts";
import { calibrationMismatches } from "../../results/analysis/comparison/calibration-match.ts";
import {
  type CompareOptions,
  compareSweeps,
  defaultCompareOptions,
} from "../../results/analysis/comparison/compare.ts";
import {
  measurementNames,
  refusedDifferences,
} from "../../results/analysis/comparison/parameter-differences.ts";
import { ownRules } from "./option.ts";

/** What `compare` was told of when a difference counts, and what may differ. */
export interface AskedOptions {
  readonly minEffectRatio: number;
  /** Path of the calibration's file. */
  readonly calibration: string | undefined;
  /** Published names of parameters. */
  readonly allowed: ReadonlySet<string>;
}

export function readCompareOptions(
  given: Readonly<Record<string, Given>>,
): AskedOptions & { diagnostics: readonly Diagnostic[] } {
  const { read, diagnostics } = openReader();
  const percent = read(ownRules.minEffect, given.minEffect, defaultCompareOptions.minEffectRatio * 100);
  const names = read(ownRules.allowDifferent, given.allowDifferent, "");
  return {
    minEffectRatio: percent / 100,
    calibration: read(ownRules.calibration, given.calibration, undefined),
    allowed: new Set(names.split(",").map((name) => name.trim())).difference(new Set([""])),
    diagnostics,
  };
}

/** Two sides as they were read, with what they are compared by. */
export interface ReadSides {
  readonly a: SideRuns;
  readonly b: SideRuns;
  readonly calibration: Calibration | undefined;
}

/**
 * Why the sides cannot be compared, all at once: a parameter of the measurement differs, a name that is allowed to
 * differ is none, the calibration stands for something else.
 */
export function comparabilityDiagnostics(sides: ReadSides, asked: AskedOptions): readonly Diagnostic[] {
  const { a, b, calibration } = sides;
  const { allowed } = asked;
  const refused = refusedDifferences(compareSweeps(a, b).differences, allowed);
  const remedy = `--allow-different ${[...new Set([...allowed, ...refused.map(({ name }) => name)])].join(",")}`;
  const known = measurementNames([...a.runs, ...b.runs]);
  const mismatches = calibration === undefined ? [] : calibrationMismatches({ calibration, a, b, allowed });
  return [
    ...refused.map(
      (one): Diagnostic => ({
        code: "other-parameters",
        message: `${one.name} is ${one.a} in A and ${one.b} in B: what differs may be its doing. Measure both alike, or compare all the same with ${remedy}.`,
      }),
    ),
    ...[...allowed]
      .filter((name) => !known.includes(name))
      .map(
        (name): Diagnostic => ({
          code: "invalid-value",
          message: `--allow-different: "${name}" is no parameter of how runs are measured.${suggestion(name, known)}`,
        }),
      ),
    ...mismatches.map(
      (clause): Diagnostic => ({
        code: "other-calibration",
        message: `--calibration ${asked.calibration}: ${clause}. Calibrate with the options of what is compared.`,
      }),
    ),
  ];
}

export function compareOptionsOf(asked: AskedOptions, calibration: Calibration | undefined): CompareOptions {
  const { minEffectRatio, calibration: path } = asked;
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
