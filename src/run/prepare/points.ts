import type { VariedOption } from "../../contracts/results/variation.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { GivenParameters } from "../../options/checks/given.ts";
import type { PlannedPoint, PlannedVariation } from "../../options/checks/vary.ts";
import { buildParametersJson } from "../../results/schema/parameters.ts";
import { nameParts } from "./preflight.ts";
import type { SweepRequest } from "./prepare.ts";
import type { CheckedSweep } from "./system.ts";

/** One sweep of a variation, checked. */
export interface CheckedPoint extends Pick<PlannedPoint, "values" | "name"> {
  readonly request: SweepRequest;
}

/** Sweeps that differ in what is varied. */
export interface CheckedVariation {
  readonly options: readonly VariedOption[];
  readonly points: readonly CheckedPoint[];
  /** All of them. Nothing may be started unless this is empty. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks all points; what is wrong with some of them only is told of these. */
export function checkPoints(
  { options, points }: PlannedVariation,
  check: (given: GivenParameters) => CheckedSweep,
): CheckedVariation {
  const checked = points.map(({ name, values, given }) => ({ name, values, ...check(given) }));
  const found = nameParts(
    checked.map(({ name, diagnostics }, place) => {
      return { part: name, diagnostics, known: points[place]?.valueNames ?? [] };
    }),
  );
  return {
    options,
    points: checked.map(({ name, values, diagnostics: _, ...request }) => ({
      name,
      values,
      request: { ...request, part: name },
    })),
    diagnostics: found.length > 0 ? found : samePoints(checked),
  };
}

/** Points that would measure the same twice: another option keeps the varied one from having an effect. */
function samePoints(
  points: readonly (Pick<PlannedPoint, "name"> & Pick<CheckedSweep, "parameters">)[],
): readonly Diagnostic[] {
  const alike = Map.groupBy(points, ({ parameters }) => JSON.stringify(buildParametersJson(parameters)));
  return [...alike.values()].flatMap(([first, second]) => {
    if (first === undefined || second === undefined) return [];
    const message = `--vary: ${first.name} and ${second.name} are the same sweep: the values mean the same, or another option overrides them. Remove one of them, or that option.`;
    return [{ code: "contradiction" as const, message }];
  });
}
