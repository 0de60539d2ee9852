import { join, resolve } from "node:path";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Comparison, SideRuns } from "../../contracts/results/comparison.ts";
import { compareSweeps } from "../../results/analysis/comparison/compare.ts";
import { writeComparison } from "../../results/bundle/comparison-files.ts";
import { bundleName } from "../../results/bundle/open-bundle.ts";
import { formatComparison } from "../../results/report/blocks/comparison.ts";
import type { MeasuredSummary } from "../../results/schema/summary.ts";
import { newRunId } from "../prepare/backend.ts";
import {
  openSweep,
  type PreparedSweep,
  type PrepareSetting,
  prepareSweeps,
  type SweepRequest,
} from "../prepare/prepare.ts";

export type SideName = SweepParameters["networkType"];

export interface PairOutcome {
  /** Holds local/ and remote/; absent where nothing is written. */
  readonly folder?: string | undefined;
  /** Of those that came to their end. */
  readonly summaries: Readonly<Partial<Record<SideName, MeasuredSummary>>>;
  /** Absent where one ended early: halves would be compared. */
  readonly comparison?: Comparison | undefined;
  /** What ended one of them early. */
  readonly error?: unknown;
}

/**
 * The same loads on the local network and then on the remote one, each a whole sweep with a bundle of its own in one
 * folder, and their comparison.
 * @throws ConfigurationError with all diagnostics of both: nothing was started
 */
export async function runPair(
  requests: Readonly<Record<SideName, SweepRequest>>,
  setting: PrepareSetting,
  conduct: (side: SideName, sweep: PreparedSweep) => Promise<MeasuredSummary>,
): Promise<PairOutcome> {
  const { context } = setting;
  const run = newRunId();
  const asked = (side: SideName) => ({ ...requests[side], parameters: parametersOf(requests, side) });
  await using prepared = await prepareSweeps(run, [asked("local"), asked("remote")], setting);
  const { outputDir, fileOutput } = requests.local.parameters;
  const name = bundleName({ run, networkType: "both", clock: context.clock });
  const folder = fileOutput ? join(resolve(outputDir), name) : undefined;
  const summaries: Partial<Record<SideName, MeasuredSummary>> = {};
  try {
    for (const checked of prepared.sweeps) {
      const side = checked.parameters.networkType;
      const place = folder === undefined ? undefined : { outputDir: folder, name: side };
      await using sweep = await openSweep(checked, place, setting);
      summaries[side] = await conduct(side, sweep);
    }
  } catch (error) {
    return { folder, summaries, error };
  }
  const sideOf = (side: SideName): SideRuns => ({
    path: folder === undefined ? side : join(folder, side),
    networkType: side,
    runs: summaries[side]?.runs ?? [],
  });
  const comparison = compareSweeps(sideOf("local"), sideOf("remote"));
  if (folder !== undefined) await writeComparison(folder, comparison, `${formatComparison(comparison)}\n`);
  return { folder, summaries, comparison };
}

function parametersOf(requests: Readonly<Record<SideName, SweepRequest>>, side: SideName): SweepParameters {
  const { parameters } = requests[side];
  const { baseline } = parameters;
  return {
    ...parameters,
    // As between two loads: what goes on running on this machine would take part in the remote measurement.
    ...(side === "local" ? { cleanup: "thorough" } : {}),
    // A baseline of two networks holds one of each. A side's bundle keeps its own, so that it can be used by itself.
    ...(baseline === undefined ? {} : { baseline: join(baseline, side) }),
  };
}
