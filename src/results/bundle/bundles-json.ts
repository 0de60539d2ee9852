/** The published form of what `baleen ls` lists. */

import { present } from "../../core/documents/numbers.ts";
import type { ListedBundle, ListedSweep } from "./list-bundles.ts";

export function buildBundlesJson(outputDir: string, bundles: readonly ListedBundle[]) {
  return { schema: "baleen.bundles/1", output_dir: outputDir, bundles: bundles.map(bundleJson) };
}

function bundleJson({ name, folder, startedAt, state, reason, sweep }: ListedBundle) {
  return present({
    name,
    folder,
    started: startedAt,
    state: state.replace("-", "_"),
    reason,
    ...(sweep === undefined ? {} : sweepJson(sweep)),
  });
}

function sweepJson(sweep: ListedSweep) {
  return {
    network_type: sweep.networkType,
    protocol: sweep.protocol,
    nodes: sweep.nodes,
    loads: sweep.loads,
    closed_loop: sweep.isClosedLoop || undefined,
    finished_runs: sweep.finishedRuns,
    planned_runs: sweep.plannedRuns,
    verdicts: sweep.verdicts,
    best_throughput: sweep.bestThroughputTps,
  };
}
