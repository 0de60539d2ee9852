import type { SweepParameters } from "../../contracts/parameters.ts";
import type { SideRuns } from "../../contracts/results/comparison.ts";
import type { BundleEnd, StoredBundle } from "../bundle/reader.ts";
import type { MeasuredSummary } from "../schema/summary.ts";
import { concludeSweep } from "./conclude.ts";

/** A bundle whose sweep came to an end, and what it is held to. */
export interface HeldSweep {
  readonly stored: StoredBundle;
  readonly end: BundleEnd;
  readonly parameters: SweepParameters;
  readonly baseline?: SideRuns | undefined;
}

/** The sweep at its end, as its runs come out by what it is held to now. */
export function summaryOf({ stored, end, parameters, baseline }: HeldSweep): MeasuredSummary {
  const concluded = concludeSweep(stored.runs, parameters, baseline);
  if (stored.generator === "clients") return { ...end, runs: stored.runs, ...concluded };
  return { ...end, generator: stored.generator, runs: stored.runs, assertions: concluded.assertions };
}
