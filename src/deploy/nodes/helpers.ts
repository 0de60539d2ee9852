import type { DeploymentPlan, Network } from "../../contracts/deployment.ts";

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
