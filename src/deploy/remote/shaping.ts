/** Links between nodes on hosts: a shaper on each of them. */
import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { ShaperPlace } from "../../contracts/links/shaper.ts";
import type { NodeName, Plane } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { portInContainer } from "../containers/program.ts";
import type { Engine } from "../engine/engine.ts";
import { checkClientLinks, checkContainerLinks, checkHostLinks } from "../links/check.ts";
import { locateContainers, startShaperContainer } from "../links/container.ts";
import { LinksError } from "../links/error.ts";
import type { ContainerLinks } from "../links/nodes.ts";
import { checkOverlay } from "../links/overlay.ts";
import { checkShaperPackages } from "../links/program.ts";
import { Shapers } from "../links/shapers.ts";
import { sendImage } from "./images.ts";
import { innerAddress, nodesOf, placeOnHosts, probePortOf, type RemoteNode } from "./layout.ts";
import type { RemoteParts } from "./parts.ts";
import type { OpenHost } from "./session.ts";

const sharedAddresses = "nodes on hosts share the addresses of their hosts. Use --network-type local";

/** Everything that is known to keep the links of a plan from being made on hosts. */
export function checkRemoteLinks(
  plan: DeploymentPlan,
  specs: readonly HostSpec[],
  hosts: readonly OpenHost[],
): readonly Diagnostic[] {
  const { links } = plan;
  if (links === undefined) return [];
  const used = hosts.filter(({ spec }) => spec.nodes.length > 0);
  const kinds = new Set(used.flatMap(({ facts }) => facts.architecture ?? []));
  const planned = plan.groups.reduce((sum, { count }) => sum + count, 0);
  const placed = specs.reduce((sum, { nodes }) => sum + nodes.length, 0) >= planned;
  const nodes = placed ? placeOnHosts(plan, specs) : [];
  const hostOf = hostsOf(nodes);
  return [
    ...checkContainerLinks(links, "hosts"),
    ...checkOverlay(links, sharedAddresses),
    ...(placed ? checkHostLinks(links, hostOf) : []),
    ...checkClientLinks(links),
    ...[...kinds].flatMap(checkShaperPackages),
  ];
}

const hostsOf = (nodes: readonly RemoteNode[]) => (name: NodeName) =>
  nodes.find((node) => node.name === name)?.host.name;

/** Sends the shaper to all hosts with nodes, and starts none; undefined where the plan has no links. */
export async function openRemoteLinks(
  parts: Omit<RemoteParts, "links">,
): Promise<ContainerLinks | undefined> {
  const { plan, hosts, nodes, sources, holder, options } = parts;
  if (plan.links === undefined || sources.shaper === undefined) return undefined;
  const image = await sendImage(hosts, sources.shaper, options, "the link shaper");
  const inner = new Map(
    await mapBounded(hosts, 8, async ({ spec }) => [spec.name, await resolveInner(spec)] as const),
  );
  const running = new Map<OwnProcess, string>();
  const shapers = new Shapers({
    links: plan.links,
    machines: hosts.map(({ spec, engine }) => ({
      host: spec.name,
      start: (signal) =>
        startShaperContainer(
          { engine, image, run: options.run, holder },
          { onStart: (process) => running.set(process, spec.name), signal },
        ),
    })),
    hostOf: hostsOf(nodes),
    locate: async (names, host) => {
      const wanted = nodes.filter(({ name }) => names.includes(name));
      const open = hosts.find(({ spec }) => spec.name === host);
      const here = open === undefined ? [] : await locateHere(open, wanted, inner, parts);
      const elsewhere = wanted.filter((node) => node.host.name !== host);
      return [...here, ...elsewhere.map((node) => locateElsewhere(node, inner))];
    },
    exemptPorts: [...new Set(nodes.flatMap(portsOfClients))],
  });
  return {
    shapers,
    processes: (host) => [...running].filter(([, place]) => place === host).map(([process]) => process),
  };
}

/** Ports of the coordinator and the clients, whose address may be that of a node. */
function portsOfClients(node: RemoteNode): number[] {
  const planes: readonly Plane[] = ["rpc", "metrics"];
  return planes
    .filter((plane) => node.group.planes.includes(plane))
    .map((plane) => portInContainer(node, plane));
}

/** Nodes of one host reach each other through its published ports: as its address, and as its bridge's. */
function locateHere(
  open: OpenHost<Engine>,
  wanted: readonly RemoteNode[],
  inner: ReadonlyMap<string, string>,
  { watch }: Pick<RemoteParts, "watch">,
): Promise<ShaperPlace[]> {
  const furtherAddresses = [inner.get(open.spec.name) ?? ""];
  const places = nodesOf(open, wanted).flatMap(({ name }) => {
    const containerId = watch.find(name)?.containerId;
    return containerId === undefined ? [] : [{ name, containerId, furtherAddresses }];
  });
  return locateContainers(open.engine, places, true);
}

function locateElsewhere(node: RemoteNode, inner: ReadonlyMap<string, string>): ShaperPlace {
  const host = inner.get(node.host.name) ?? "";
  return { name: node.name, addresses: [host], probeAddress: { host, port: probePortOf(node.slot) } };
}

/** @throws LinksError where a host has no IPv4 address */
async function resolveInner(spec: HostSpec): Promise<string> {
  const address = innerAddress(spec);
  if (isIPv4(address)) return address;
  try {
    return (await lookup(address, { family: 4 })).address;
  } catch (cause) {
    const message = `Links between hosts are shaped by IPv4 addresses, but ${spec.name} is reached at ${address}. Set its private address to an IPv4 address.`;
    throw new LinksError(message, { cause });
  }
}
