import type { SweepParameters } from "../../contracts/parameters.ts";
import { defaultParameters } from "../parameters.ts";
import type { Reader } from "../rules/rule.ts";
import { rules } from "../rules/rules.ts";
import type { GivenParameters } from "./given.ts";

/** How much of what is not the run's own the machines may have, and what comes of more. */
export function readEnvironmentLimits(
  given: GivenParameters,
  { read }: Reader,
): Pick<SweepParameters, "strictEnvironment" | "environmentLimits"> {
  const usual = defaultParameters.environmentLimits;
  return {
    strictEnvironment: read(
      rules.strictEnvironment,
      given.strictEnvironment,
      defaultParameters.strictEnvironment,
    ),
    environmentLimits: {
      backgroundPercent: read(rules.backgroundLimit, given.backgroundLimit, usual.backgroundPercent),
      stealPercent: read(rules.stealLimit, given.stealLimit, usual.stealPercent),
      memoryPressurePercent: read(
        rules.memoryPressureLimit,
        given.memoryPressureLimit,
        usual.memoryPressurePercent,
      ),
      disturbedPercent: read(rules.disturbedLimit, given.disturbedLimit, usual.disturbedPercent),
    },
  };
}
