/** Which runs of two sweeps are compared: those of one load. Pure. */
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";

export interface RunPair {
  readonly a: readonly MeasuredRun[];
  readonly b: readonly MeasuredRun[];
}

/** The runs of both sides at one load. */
export interface LoadPair extends RunPair {
  readonly loadTps: number;
}

export interface PairedLoads {
  /** Loads that both sides have, rising. */
  readonly common: readonly LoadPair[];
  readonly onlyA: readonly number[];
  readonly onlyB: readonly number[];
}

export function pairLoads(a: readonly MeasuredRun[], b: readonly MeasuredRun[]): PairedLoads {
  const [ofA, ofB] = [loadsOf(a), loadsOf(b)];
  const at = (runs: readonly MeasuredRun[], loadTps: number) =>
    runs.filter(({ parameters }) => parameters.loadTps === loadTps);
  return {
    common: sorted(ofA.intersection(ofB)).map((loadTps) => ({
      loadTps,
      a: at(a, loadTps),
      b: at(b, loadTps),
    })),
    onlyA: sorted(ofA.difference(ofB)),
    onlyB: sorted(ofB.difference(ofA)),
  };
}

const loadsOf = (runs: readonly MeasuredRun[]) => new Set(runs.map(({ parameters }) => parameters.loadTps));

const sorted = (loads: Iterable<number>) => [...loads].sort((one, other) => one - other);
