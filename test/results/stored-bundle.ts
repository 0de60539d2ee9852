import type { SweepParameters } from "../../src/contracts/parameters.ts";
import type { LinkProbes } from "../../src/contracts/results/links/link-certificate.ts";
import type { RunResult } from "../../src/contracts/results/result.ts";
import { openBundle } from "../../src/results/bundle/open-bundle.ts";
import { sweepParameters } from "./sample-results.ts";

export const storedRun = "3f9a2c1e7b";

export interface StoredBundleShape {
  readonly runs: readonly RunResult[];
  /** What was measured of their links. */
  readonly linkProbes?: readonly LinkProbes[];
  /** Without an end it is like one whose sweep was killed. */
  readonly finish?: boolean;
  readonly endedEarly?: string;
  readonly parameters?: SweepParameters;
  readonly wallMs?: number;
}

/** Writes a bundle as a sweep does. @returns its folder */
export async function storeBundle(outputDir: string, shape: StoredBundleShape): Promise<string> {
  const { runs, finish = true, endedEarly, parameters = sweepParameters } = shape;
  const wallMs = shape.wallMs ?? Date.UTC(2024, 0, 15, 10, 30);
  const clock = { monotonicMs: () => 0, wallMs: () => wallMs };
  const { networkType } = parameters;
  await using bundle = await openBundle({ outputDir, networkType, run: storedRun, clock });
  await bundle.writeParameters(parameters);
  for (const probes of shape.linkProbes ?? []) await bundle.writeLinkProbes(probes);
  for (const run of runs) {
    await bundle.writeRun(run);
    await bundle.writeLog(`${run.benchmarkNumber}-node0`, "up\n");
  }
  if (finish) {
    const summary = {
      run: storedRun,
      networkType,
      runtime: "process",
      startedAt: "2024-01-15T10:30:00.000Z",
      finishedAt: "2024-01-15T10:40:00.000Z",
      plannedRuns: parameters.loadsTps.length,
      runs,
      endedEarly,
    } as const;
    await bundle.finish(summary, "in words\n");
  }
  return bundle.folder;
}
