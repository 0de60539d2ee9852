import type { DeploymentPlan, NodeGroup, PlannedNode } from "../../contracts/deployment.ts";

/** A node of a plan with the group that it belongs to. */
export interface GroupedNode extends PlannedNode {
  readonly group: NodeGroup;
}

/** All nodes of a plan, group after group, named node0, node1, … throughout. */
export function listPlannedNodes(plan: Pick<DeploymentPlan, "groups">): GroupedNode[] {
  return plan.groups
    .flatMap((group) => Array.from({ length: group.count }, (_, index) => ({ group, index })))
    .map(({ group, index }, number) => ({ name: `node${number}`, role: group.role, index, group }));
}
