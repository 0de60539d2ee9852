import { loadUnits } from "../../../contracts/load/load-profile.ts";
import type { CalibratedLoad, Calibration } from "../../../contracts/results/calibration.ts";
import type { SideRuns } from "../../../contracts/results/comparison.ts";
import { spokenMetrics } from "../../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../../contracts/results/native.ts";
import { measurementNames, parameterTexts } from "./parameter-differences.ts";

/** A calibration, and what is to be compared by it. */
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
    .map((metric) => {
      const name = metric === "throughput" ? "throughput" : "average latency";
      return `it has no noise floor of ${name} at ${loadTps} ${loadUnits[loadKind]}`;
    });
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
