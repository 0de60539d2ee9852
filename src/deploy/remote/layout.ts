/** Which node of a plan runs on which host, and at which ports. Pure. */
import { isIP, isIPv6 } from "node:net";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { Endpoint, NodeName, Plane, Viewpoint } from "../../contracts/nodes/node.ts";
import type { RemoteParameters } from "../../contracts/parameters.ts";
import { isInside, isLoopback } from "../../core/address.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { standardPorts } from "../containers/compose-file.ts";
import { probePort } from "../links/program.ts";
import { type GroupedNode, listPlannedNodes } from "../nodes/planned.ts";
import type { HostFacts } from "../provision/survey/facts.ts";

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

/** UDP and TCP port of a host at which probes of a node's links come in. */
export function probePortOf(slot: number): number {
  return probePort + slot;
}

/** UDP port of every host for what goes between nodes of a network under test. */
export const segmentPort = probePort;

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

const loopback = "127.0.0.1";

/**
 * Addresses of a host at which a plane of its nodes is published: those at which somebody is to reach it. All, where
 * nobody said which one that is inside, or the host has no interface with it.
 */
export function publishedAddresses(
  plane: Plane,
  { spec, facts }: PlacedHost,
  rpcVia: RemoteParameters["rpcVia"],
): readonly string[] {
  const isTunnelled = rpcVia === "ssh";
  // What goes through SSH is for this machine alone, and for clients on the host.
  if (plane !== "peer" && isTunnelled) return [loopback];
  const reachedAt = plane === "peer" ? innerAddress(spec) : spec.address.host;
  const all = [isIPv6(reachedAt) ? "" : "0.0.0.0"];
  const { privateAddress } = spec;
  const inner = privateAddress ?? (isTunnelled ? facts.sshAddress : undefined);
  if (inner === undefined || !isOwnAddress(inner, facts)) return all;
  if (plane === "peer") return [inner];
  // This machine comes in where its SSH connection does; clients on the host use its loopback.
  return facts.sshAddress === undefined ? all : [...new Set([inner, facts.sshAddress, loopback])];
}

interface PlacedHost {
  readonly spec: HostSpec;
  readonly facts: Pick<HostFacts, "addresses" | "sshAddress">;
}

/** Whether a port of the host can be bound to an address; one at loopback reaches no container. */
export function isOwnAddress(address: string, { addresses }: PlacedHost["facts"]): boolean {
  if (isIP(address) === 0 || isLoopback(address)) return false;
  const bits = isIPv6(address) ? 128 : 32;
  return addresses?.some((own) => isInside(own, `${address}/${bits}`)) ?? true;
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
