import type { DeploymentPlan, Network } from "../contracts/deployment.ts";
import { listPlannedNodes } from "./plan-nodes.ts";

/** Sets the nodes without an RPC apart, which take no load and can be asked for nothing: a bootstrap node, a relay. */
export function setCompanionsApart(network: Network, plan: Pick<DeploymentPlan, "groups">): Network {
  const names = new Set(
    listPlannedNodes(plan)
      .filter(({ group }) => !group.planes.includes("rpc"))
      .map(({ name }) => name),
  );
  if (names.size === 0) return network;
  return {
    ...network,
    nodes: network.nodes.filter(({ name }) => !names.has(name)),
    companions: network.nodes.filter(({ name }) => names.has(name)),
  };
}
