/** Links between nodes on hosts: a shaper on each of them. */
import { randomInt } from "node:crypto";
import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { Segment, ShaperPlace } from "../../contracts/links/shaper.ts";
import type { PlannedLinks } from "../../contracts/links/shaping.ts";
import type { NodeName, Plane } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { portInContainer } from "../containers/program.ts";
import type { Engine } from "../engine/engine.ts";
import { checkClientLinks, checkContainerLinks, checkHostLinks } from "../links/check.ts";
import { locateContainers, startShaperContainer } from "../links/container.ts";
import { LinksError } from "../links/error.ts";
import type { ContainerLinks } from "../links/nodes.ts";
import { checkOverlay, segmentAddresses } from "../links/overlay.ts";
import { checkShaperPackages, probePort } from "../links/program.ts";
import { Shapers } from "../links/shapers.ts";
import { sendImage } from "./images.ts";
import { innerAddress, nodesOf, placeOnHosts, probePortOf, type RemoteNode, segmentPort } from "./layout.ts";
import type { RemoteParts } from "./parts.ts";
import type { OpenHost } from "./session.ts";

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
    ...(links.overlay === undefined
      ? [...(placed ? checkHostLinks(links, hostOf) : []), ...checkClientLinks(links)]
      : checkOverlay(links)),
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
  const { links } = plan;
  const { segmentOf, locateHere, locateElsewhere, probePorts } =
    links.overlay === undefined ? byHosts(inner) : bySegment(links, inner);
  const shapers = new Shapers({
    links,
    machines: hosts.map(({ spec, engine }) => ({
      host: spec.name,
      segment: segmentOf?.(spec.name),
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
      const here = open === undefined ? [] : await locateHere(open, containersOf(open, wanted, parts));
      const elsewhere = wanted.filter((node) => node.host.name !== host);
      return [...here, ...elsewhere.map(locateElsewhere)];
    },
    exemptPorts: [...new Set(nodes.flatMap(portsOfClients))],
    probePorts,
  });
  return {
    shapers,
    processes: (host) => [...running].filter(([, place]) => place === host).map(([process]) => process),
  };
}

const mostVni = 16_777_215;

/** Ports of the coordinator and the clients, whose address may be that of a node. */
function portsOfClients(node: RemoteNode): number[] {
  const planes: readonly Plane[] = ["rpc", "metrics"];
  return planes
    .filter((plane) => node.group.planes.includes(plane))
    .map((plane) => portInContainer(node, plane));
}

function containersOf(
  open: OpenHost,
  wanted: readonly RemoteNode[],
  { watch }: Pick<RemoteParts, "watch">,
): RunningNode[] {
  return nodesOf(open, wanted).flatMap(({ name }) => {
    const containerId = watch.find(name)?.containerId;
    return containerId === undefined ? [] : [{ name, containerId }];
  });
}

interface RunningNode {
  readonly name: NodeName;
  readonly containerId: string;
}

/** How nodes reach each other, as the shapers of their hosts see it. */
interface NodeWays {
  /** What a host's shaper makes to connect its nodes to others; absent: nothing. */
  readonly segmentOf?: (host: string) => Segment;
  /** As nodes of the same host see them. */
  readonly locateHere: (
    open: OpenHost<Engine>,
    nodes: readonly RunningNode[],
  ) => Promise<readonly ShaperPlace[]>;
  /** As nodes of another host see it. */
  readonly locateElsewhere: (node: RemoteNode) => ShaperPlace;
  /** For people: what must be open between hosts. */
  readonly probePorts: string;
}

/** At addresses of their hosts. Nodes of one host reach each other through its published ports: as its address, and as its bridge's. */
function byHosts(inner: ReadonlyMap<string, string>): NodeWays {
  return {
    locateHere: ({ engine, spec }, nodes) => {
      const furtherAddresses = [inner.get(spec.name) ?? ""];
      return locateContainers(
        engine,
        nodes.map((node) => ({ ...node, furtherAddresses })),
        true,
      );
    },
    locateElsewhere: ({ name, host, slot }) => {
      const address = inner.get(host.name) ?? "";
      return { name, addresses: [address], probeAddress: { host: address, port: probePortOf(slot) } };
    },
    probePorts: `the ports of the nodes for probes (UDP and TCP, from ${probePort})`,
  };
}

/** At addresses of their own, in a segment over all hosts. Nodes of one host see each other on its bridge, too. */
function bySegment(links: PlannedLinks, inner: ReadonlyMap<string, string>): NodeWays {
  // A new number for each network: nothing of an earlier one gets in.
  const vni = randomInt(1, mostVni);
  const own = segmentAddresses(links);
  const placeOf = (name: NodeName) => {
    const host = own.get(name) ?? "";
    return { name, addresses: [host], probeAddress: { host, port: probePort } };
  };
  return {
    segmentOf: (host) => {
      const others = [...inner].filter(([name]) => name !== host);
      return { vni, port: segmentPort, machines: others.map(([, address]) => address) };
    },
    locateHere: async ({ engine }, nodes) => {
      const found = await locateContainers(engine, nodes);
      return found.map((place) => {
        const { addresses, probeAddress } = placeOf(place.name);
        return { ...place, addresses: [...addresses, ...place.addresses], probeAddress };
      });
    },
    locateElsewhere: ({ name }) => placeOf(name),
    probePorts: `UDP port ${segmentPort}`,
  };
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
