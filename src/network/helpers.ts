import type { DeploymentPlan, Network } from "../contracts/deployment.ts";

/**
 * The same network, its `nodes` those that take transactions: a node without an RPC (a bootstrap node, a relay) is a
 * helper, which starts and ends with the others, and is neither driven nor asked.
 */
export function withHelpers(network: Network, plan: Pick<DeploymentPlan, "groups">): Network {
  const roles = plan.groups.filter(({ planes }) => !planes.includes("rpc")).map(({ role }) => role);
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
