import { loadUnits } from "../../../contracts/load/load-profile.ts";
import type {
  CalibratedLoad,
  CalibratedMetric,
  Calibration,
} from "../../../contracts/results/calibration.ts";
import {
  comparedMetrics,
  type LoadComparison,
  type SideRuns,
  spokenMetrics,
} from "../../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { compareSweeps } from "./compare.ts";
import { spokenNames } from "./compare-verdict.ts";
import { measurementNames, parameterTexts } from "./parameter-differences.ts";

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

export interface CalibrationUse {
  readonly calibration: Calibration;
  readonly a: SideRuns;
  readonly b: SideRuns;
  /** Names of parameters that may differ. */
  readonly allowed: ReadonlySet<string>;
}

/**
 * Why a calibration does not stand for a comparison, a clause each; empty where it does. It must have the loads, and have
 * measured them in the same way, on the kind of network and the system of one side at least.
 */
export function calibrationMismatches(use: CalibrationUse): readonly string[] {
  const at = (side: SideRuns, loadTps: number) =>
    side.runs.filter(({ parameters }) => parameters.loadTps === loadTps);
  const loads = new Set(use.a.runs.map(({ parameters }) => parameters.loadTps));
  const clauses = [...loads].flatMap((loadTps) => {
    const [a, b] = [at(use.a, loadTps), at(use.b, loadTps)];
    if (b.length === 0) return [];
    const load = use.calibration.loads.find((candidate) => candidate.loadTps === loadTps);
    const kind = a[0]?.kind ?? "open-loop";
    if (load === undefined) return [`it has no load of ${loadTps} ${loadUnits[kind]}`];
    return [...missingFloors(load), ...differing(load, { A: a, B: b }, use)];
  });
  return [...new Set(clauses)];
}

function missingFloors({ loadTps, loadKind, metrics }: CalibratedLoad): string[] {
  return spokenMetrics
    .filter((metric) => metrics[metric] === undefined)
    .map((metric) => `it has no noise floor of ${spokenNames[metric]} at ${loadTps} ${loadUnits[loadKind]}`);
}

/** What is measured, as far as one side at least must have it in common. */
const systemNames = ["runtime", "protocol"] as const;

function differing(
  load: CalibratedLoad,
  runs: { readonly A: readonly MeasuredRun[]; readonly B: readonly MeasuredRun[] },
  { calibration, a, b, allowed }: CalibrationUse,
): string[] {
  const sides = [
    { name: "A", networkType: a.networkType, runs: runs.A },
    { name: "B", networkType: b.networkType, runs: runs.B },
  ].map((side) => ({ ...side, texts: parameterTexts(side.runs) }));
  const clauses = sides.flatMap(({ name: side, runs: ofSide, texts }) =>
    measurementNames(ofSide)
      .filter((name) => !allowed.has(name) && texts[name] !== load.parameters[name])
      .map((name) => `${name} is ${load.parameters[name] ?? "-"} in it and ${texts[name]} in ${side}`),
  );
  const known = sides.some(
    ({ networkType, texts }) =>
      networkType === calibration.networkType &&
      systemNames.every((name) => texts[name] === load.parameters[name]),
  );
  const { runtime, protocol } = load.parameters;
  const system = `${calibration.networkType} network, ${runtime} runtime, ${protocol}`;
  return known ? clauses : [...clauses, `its system (${system}) is neither A's nor B's`];
}
