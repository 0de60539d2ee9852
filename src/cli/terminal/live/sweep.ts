import type { DeploymentPlan } from "../../../contracts/deployment.ts";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { Protocol } from "../../../contracts/protocol.ts";
import { listPlannedNodes } from "../../../deploy/nodes/planned.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { planRuns } from "../../../results/analysis/schedule/plan-runs.ts";
import type { LiveSweep } from "./view.ts";

/** What a sweep that is about to begin is, for those who show how it goes. */
export function describeLiveSweep({
  parameters,
  protocol,
  plan,
}: {
  readonly parameters: SweepParameters;
  readonly protocol: Pick<Protocol, "observeCommits">;
  readonly plan: DeploymentPlan;
}): LiveSweep {
  const committee = listPlannedNodes(plan).filter(({ group }) => group.isHelper !== true);
  return {
    planned: parameters.search === undefined ? planRuns(parameters) : undefined,
    lengths: (loadTps) => phaseLengths(parameters, loadTps),
    drainSecs: parameters.drainSecs,
    nodes: committee.map(({ name }) => name),
    completion: protocol.observeCommits === undefined ? "acknowledged" : "committed",
    keepNetwork: parameters.keepNetwork,
  };
}
