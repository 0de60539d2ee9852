import type { CalibratedLoad, CalibratedMetric } from "../../../contracts/results/calibration.ts";
import {
  comparedMetrics,
  type LoadComparison,
  type SideRuns,
} from "../../../contracts/results/comparison.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { compareSweeps } from "./compare.ts";
import { parameterTexts } from "./parameter-differences.ts";

/**
 * The runs of one sweep as two sides of the same thing: of each load's runs, in their order, the first, third … and the
 * second, fourth …, so that what drifts with time does so for both.
 */
export function alternateSides(runs: readonly RunResult[]): {
  readonly a: RunResult[];
  readonly b: RunResult[];
} {
  const seen = new Map<number, number>();
  const sides = { a: [] as RunResult[], b: [] as RunResult[] };
  for (const run of runs) {
    const { loadTps } = run.parameters;
    const before = seen.get(loadTps) ?? 0;
    seen.set(loadTps, before + 1);
    sides[before % 2 === 0 ? "a" : "b"].push(run);
  }
  return sides;
}

/** The noise floor of each load and metric. Pure; the same runs give the same. */
export function calibrateLoads(runs: readonly RunResult[]): CalibratedLoad[] {
  const { a, b } = alternateSides(runs);
  const sideOf = (name: string, ofSide: readonly RunResult[]): SideRuns => ({
    path: name,
    networkType: "local",
    runs: ofSide,
  });
  return compareSweeps(sideOf("a", a), sideOf("b", b)).loads.map((load) => {
    const own = runs.filter((run) => run.parameters.loadTps === load.loadTps);
    return {
      loadTps: load.loadTps,
      loadKind: own[0]?.kind ?? "open-loop",
      runsA: load.a.counted,
      runsB: load.b.counted,
      parameters: parameterTexts(own),
      metrics: noiseFloors(load),
    };
  });
}

function noiseFloors({ metrics }: LoadComparison): CalibratedLoad["metrics"] {
  return Object.fromEntries(
    comparedMetrics.flatMap((metric): (readonly [string, CalibratedMetric])[] => {
      const { ratio, confidence } = metrics[metric];
      if (ratio === undefined || confidence === undefined) return [];
      const { low, high } = confidence;
      const noiseFloorRatio = Math.max(Math.abs(low - 1), Math.abs(high - 1));
      return [[metric, { ratio, confidence, noiseFloorRatio }]];
    }),
  );
}
