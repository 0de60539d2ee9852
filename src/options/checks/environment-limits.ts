import type { SweepParameters } from "../../contracts/parameters.ts";
import { defaultParameters } from "../parameters.ts";
import type { ParameterReader } from "./given.ts";

/** How much of what is not the run's own the machines may have, and what comes of more. */
export function readEnvironmentLimits({
  take,
}: ParameterReader): Pick<SweepParameters, "strictEnvironment" | "environmentLimits"> {
  const usual = defaultParameters.environmentLimits;
  return {
    strictEnvironment: take("strictEnvironment", defaultParameters.strictEnvironment),
    environmentLimits: {
      backgroundPercent: take("backgroundLimit", usual.backgroundPercent),
      stealPercent: take("stealLimit", usual.stealPercent),
      memoryPressurePercent: take("memoryPressureLimit", usual.memoryPressurePercent),
      disturbedPercent: take("disturbedLimit", usual.disturbedPercent),
    },
  };
}
