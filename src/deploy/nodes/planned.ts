/** The nodes of a plan: what they are called, in which order they start, and which of them are helpers. */
import type { DeploymentPlan, Network, NodeGroup, PlannedNode } from "../../contracts/deployment.ts";
import { ConfigurationError, type Diagnostic, diagnosticsOf } from "../../core/errors.ts";
import { suggestion } from "../../core/text/nearest.ts";

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

/** Names of all that are no helpers. */
export const committeeNames = (plan: Pick<DeploymentPlan, "groups">): string[] =>
  listPlannedNodes(plan).flatMap(({ name, group }) => (group.isHelper === true ? [] : [name]));

/**
 * Hosts with a place for every node of a plan. Hosts are given to the nodes of the committee; for each helper one more
 * node runs on the host that has the fewest, the first of equals.
 */
export function placeHelpers<Host extends { readonly nodes: readonly number[] }>(
  plan: Pick<DeploymentPlan, "groups">,
  hosts: readonly Host[],
): readonly Host[] {
  const planned = listPlannedNodes(plan);
  const homeless = planned.flatMap((_, number) =>
    hosts.some(({ nodes }) => nodes.includes(number)) ? [] : [number],
  );
  // Where more have no host, something else is wrong, and is reported.
  if (homeless.length > planned.filter(({ group }) => group.isHelper === true).length) return hosts;
  return homeless.reduce<readonly Host[]>((placed, number) => {
    const fewest = Math.min(...placed.map(({ nodes }) => nodes.length));
    const at = placed.findIndex(({ nodes }) => nodes.length === fewest);
    return placed.map((host, place) => (place === at ? { ...host, nodes: [...host.nodes, number] } : host));
  }, hosts);
}

/**
 * The groups of a plan in stages: those of one stage start together, each after all that it names in `startAfter`.
 *
 * @throws ConfigurationError with all roles that there are not, and all circles
 */
export function orderGroups(plan: Pick<DeploymentPlan, "groups">): readonly (readonly NodeGroup[])[] {
  const roles = [...new Set(plan.groups.map(({ role }) => role))];
  const unknown = plan.groups.flatMap(({ role, startAfter = [] }) =>
    startAfter
      .filter((other) => !roles.includes(other))
      .map(
        (other): Diagnostic => ({
          code: "start-after-unknown",
          message: `Nodes of role ${role} start after ${other}, but there is no such role.${suggestion(other, roles)}`,
        }),
      ),
  );
  const stages: NodeGroup[][] = [];
  let left = plan.groups;
  for (;;) {
    const waiting = new Set(left.map(({ role }) => role));
    const ready = left.filter(({ startAfter = [] }) => !startAfter.some((role) => waiting.has(role)));
    if (ready.length === 0) break;
    stages.push(ready);
    left = left.filter((group) => !ready.includes(group));
  }
  const diagnostics = [...unknown, ...findCircles(left)];
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  return stages;
}

export function checkOrder(plan: Pick<DeploymentPlan, "groups">): readonly Diagnostic[] {
  try {
    orderGroups(plan);
    return [];
  } catch (error) {
    return diagnosticsOf(error);
  }
}

/** @param groups of which each waits for another one of them */
function findCircles(groups: readonly NodeGroup[]): Diagnostic[] {
  const circles = new Map<string, readonly string[]>();
  for (const { role } of groups) {
    const way: string[] = [];
    let next = role;
    while (!way.includes(next)) {
      way.push(next);
      next = predecessorIn(groups, next) ?? next;
    }
    const circle = [...way.slice(way.indexOf(next)), next];
    circles.set([...new Set(circle)].sort().join("\n"), circle);
  }
  return [...circles.values()].map((circle) => ({
    code: "start-after-circle",
    message: `Nodes wait for one another in a circle: ${circle.join(" after ")}. Remove one startAfter.`,
  }));
}

function predecessorIn(groups: readonly NodeGroup[], role: string): string | undefined {
  const after = groups.filter((group) => group.role === role).flatMap(({ startAfter = [] }) => startAfter);
  return after.find((other) => groups.some((group) => group.role === other));
}

/**
 * The same network, its `nodes` those that take transactions: a helper (a bootstrap node, a relay) starts and ends with
 * the others, and is neither driven nor asked.
 */
export function withHelpers(network: Network, plan: Pick<DeploymentPlan, "groups">): Network {
  const roles = plan.groups.filter(({ isHelper }) => isHelper === true).map(({ role }) => role);
  const helpers = network.nodes.filter(({ role }) => roles.includes(role));
  if (helpers.length === 0) return network;
  const names = helpers.map(({ name }) => name);
  const { clientSites } = network;
  return {
    ...network,
    nodes: network.nodes.filter((node) => !helpers.includes(node)),
    helpers,
    ...(clientSites === undefined
      ? {}
      : {
          clientSites: clientSites
            .map((site) => ({ ...site, targets: site.targets.filter(({ node }) => !names.includes(node)) }))
            .filter(({ targets }) => targets.length > 0),
        }),
  };
}
