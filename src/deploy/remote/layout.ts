/** Which node of a plan runs on which host, and at which ports. Pure. */
import { isIPv6 } from "node:net";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { Endpoint, NodeName, Plane, Viewpoint } from "../../contracts/nodes/node.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { standardPorts } from "../containers/compose-file.ts";
import { type GroupedNode, listPlannedNodes } from "../nodes/planned.ts";

export interface RemoteNode extends GroupedNode {
  readonly host: HostSpec;
  /** Place among the nodes of its host, from 0. */
  readonly slot: number;
  /** Ports of the host at which it is published. */
  readonly ports: Readonly<Record<Plane, number>>;
}

/** The ports of a host's nodes: RPC on 26657 + slot, metrics on 26670 + slot, peers on 26656, then 26700 + slot. */
export function portsOf(slot: number): Readonly<Record<Plane, number>> {
  return slot === 0 ? { ...standardPorts(0), peer: 26_656 } : standardPorts(slot);
}

export function portsOnHost({ nodes }: HostSpec): number[] {
  return nodes.flatMap((_, slot) => Object.values(portsOf(slot)));
}

/**
 * Puts each node of a plan on the host that names its number; `checkHostList` says what keeps it from that.
 *
 * @throws InvalidArgumentError where a node has no host
 */
export function placeOnHosts(plan: DeploymentPlan, hosts: readonly HostSpec[]): RemoteNode[] {
  return listPlannedNodes(plan).map((node, number) => {
    const host = hosts.find(({ nodes }) => nodes.includes(number));
    if (host === undefined) throw new InvalidArgumentError(`There is no host for ${node.name}.`);
    const slot = host.nodes.indexOf(number);
    return { ...node, host, slot, ports: portsOf(slot) };
  });
}

export function nodesOf({ spec }: { readonly spec: HostSpec }, nodes: readonly RemoteNode[]): RemoteNode[] {
  return nodes.filter((node) => node.host.name === spec.name);
}

/** Address at which the other hosts reach this one. */
export function innerAddress(host: HostSpec): string {
  return host.privateAddress ?? host.address.host;
}

/** Address of a host at which a port is published to be reached at `reachedAt`: of both families for an IPv6 one. */
export function publishedAddress(reachedAt: string): string {
  return isIPv6(reachedAt) ? "" : "0.0.0.0";
}

/** Where a node's RPC is reached from a host of the same network, whose clients share its network. */
export function findClientEndpoint({ host, ports }: RemoteNode, from: string): Endpoint {
  return { host: host.name === from ? "127.0.0.1" : innerAddress(host), port: ports.rpc };
}

/** Where a node is reached; tunnels, by "node0/rpc", lead the coordinator to planes that are reached through SSH. */
export function findRemoteEndpoint(
  nodes: readonly RemoteNode[],
  target: NodeName,
  view: {
    readonly seenBy: Viewpoint;
    readonly plane: Plane;
    readonly tunnels?: ReadonlyMap<string, { readonly endpoint: Endpoint }>;
  },
): Endpoint {
  const node = nodes.find(({ name }) => name === target);
  if (node === undefined) throw new InvalidArgumentError(`There is no node ${target} in this network.`);
  const port = node.ports[view.plane];
  if (view.seenBy !== "coordinator") return { host: innerAddress(node.host), port };
  return view.tunnels?.get(`${target}/${view.plane}`)?.endpoint ?? { host: node.host.address.host, port };
}
