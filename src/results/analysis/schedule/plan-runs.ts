import type { SweepParameters } from "../../../contracts/parameters.ts";

/** A run that is to be made. */
export interface PlannedRun {
  /** From 1 within the sweep. */
  readonly benchmarkNumber: number;
  readonly loadTps: number;
  /** From 1 within the load. */
  readonly repetition: number;
  /** All runs of the load; absent in a search, where it shows on the way. */
  readonly repetitions?: number;
}

/**
 * All runs of a sweep over given loads, in rounds: every load once, then every load again, so that what changes slowly
 * on the machines (their temperature, other work) meets all loads alike. A load that was given twice has twice as many.
 */
export function planRuns({
  loadsTps,
  runs,
}: Pick<SweepParameters, "loadsTps" | "runs">): readonly PlannedRun[] {
  const done = new Map<number, number>();
  return Array.from({ length: runs }, () => loadsTps)
    .flat()
    .map((loadTps, index) => {
      const repetition = (done.get(loadTps) ?? 0) + 1;
      done.set(loadTps, repetition);
      const repetitions = runs * loadsTps.filter((other) => other === loadTps).length;
      return { benchmarkNumber: index + 1, loadTps, repetition, repetitions };
    });
}
