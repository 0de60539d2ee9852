import type { Network } from "../../contracts/deployment.ts";
import type { Emit } from "../../contracts/events.ts";
import type { NodeName, Plane } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { watchContainers } from "../containers/node.ts";
import type { Engine } from "../engine/engine.ts";
import { describeOwnHolder, removeLeftovers } from "../engine/ownership.ts";
import type { ContainerLinks } from "../links/nodes.ts";
import { overlayView } from "../links/overlay.ts";
import { type Stage, startInStages } from "../nodes/stages.ts";
import { findInTheWay, findOverlaps } from "./checks.ts";
import { placeClients } from "./clients.ts";
import { sendImages } from "./images.ts";
import { findRemoteEndpoint, isOwnAddress, nodesOf, type RemoteNode } from "./layout.ts";
import { openRemoteNetwork } from "./network.ts";
import { createNode } from "./node.ts";
import type { RemoteDeployment, RemoteParts } from "./parts.ts";
import { hostsAtOnce, type OpenHost } from "./session.ts";
import { openRemoteLinks } from "./shaping.ts";
import { closeTunnels, openTunnels, type Tunnels } from "./tunnel.ts";
import { checkWays, openProbes } from "./ways/reach.ts";

/** Requests to the engine of one host that are under way at once. */
const requestsAtOnce = 4;

/** Puts a committee on its hosts and starts it. Where it fails, what was made is for the caller to remove. */
export async function deployOnHosts(deployment: RemoteDeployment): Promise<Network> {
  const { session, plan, nodes, how, options } = deployment;
  const { run, signal } = options;
  const all = await session.prepare(options.emit, signal);
  const hosts = all.filter(({ spec }) => spec.nodes.length > 0);
  // Those of an engine that was just installed were not there to be seen before.
  const overlaps = await findOverlaps(hosts);
  if (overlaps.length > 0) throw new ConfigurationError(overlaps);
  if (!session.waysWereTried) for (const host of hosts) warnOfOpenPorts(host, options.emit);
  await mapBounded(hosts, hostsAtOnce, (host) => replaceLeftovers(host, deployment));
  const images = await sendImages(hosts, deployment);
  const holder = await describeOwnHolder(how.who);
  const clients = await placeClients(all, { ...deployment, holder });
  const engines = hosts.map(({ engine }) => engine);
  const watch = await watchContainers(engines, run);
  let tunnels: Tunnels = new Map();
  let links: ContainerLinks | undefined;
  try {
    if (how.rpcVia === "ssh") tunnels = await openTunnels(hosts, nodes);
    const made = { ...deployment, hosts, images, holder, watch, tunnels };
    links = await openRemoteLinks(made);
    const parts: RemoteParts = { ...made, links };
    const start = (stage: Stage<RemoteNode>) => startStage(stage, parts);
    const at = (target: NodeName, plane: Plane) => locate(target, plane, parts);
    await startInStages({ plan, nodes, start, find: watch.find, at, signal });
    const probes = await openProbes(parts);
    return openRemoteNetwork({ ...parts, clients, probes });
  } catch (error) {
    watch.end();
    await links?.shapers[Symbol.asyncDispose]();
    await closeTunnels(tunnels);
    throw error;
  }
}

/** A private address keeps the others from the ports only where it is the host's own. */
function warnOfOpenPorts({ spec, facts }: OpenHost, emit: Emit): void {
  const { name, privateAddress } = spec;
  if (privateAddress === undefined || isOwnAddress(privateAddress, facts)) return;
  const message = `${name}: no interface of the host has its private address ${privateAddress}, so the ports of its nodes are open at all its addresses. Admit only yourself and the other hosts in its firewall, or set the address of an interface.`;
  emit({ type: "warning", message });
}

/** Where a node's plane is, as seen from here. */
function locate(target: NodeName, plane: Plane, { nodes, tunnels }: RemoteParts) {
  return findRemoteEndpoint(nodes, target, { seenBy: "coordinator", plane, tunnels });
}

async function startStage(stage: Stage<RemoteNode>, parts: RemoteParts): Promise<void> {
  // The nodes take their ports when they start: until then what tries the ways may have them.
  const creating = createNodes(stage, parts);
  const trying = stage.isFirst ? tryWays(parts) : undefined;
  // Both end before anything is removed.
  await Promise.allSettled([creating, trying]);
  await trying;
  await creating;
  notify(parts, `starting ${stage.nodes.length} nodes`, describeAddresses(stage.nodes, parts));
  await mapBounded(parts.hosts, hostsAtOnce, (host) =>
    mapBounded(nodesOf(host, stage.nodes), requestsAtOnce, async ({ name }) =>
      parts.watch.find(name)?.start(),
    ),
  );
  if (parts.links === undefined) return;
  notify(parts, "shaping the links", `${stage.nodes.length} nodes`);
  const names = stage.nodes.map(({ name }) => name);
  await parts.links.shapers.admit(names, parts.options.signal);
}

async function tryWays(parts: RemoteParts): Promise<void> {
  const { session, hosts, images } = parts;
  if (session.waysWereTried || hosts.length < 2) return;
  if (images.ways === undefined) {
    const why = "no image with Node.js can be created here";
    notify(parts, "not checking that the hosts reach one another", why);
  } else {
    notify(parts, "checking that the hosts reach one another");
    await checkWays(parts, images.ways);
  }
  session.waysWereTried = true;
}

async function createNodes({ nodes, exports }: Stage<RemoteNode>, parts: RemoteParts): Promise<void> {
  const used = parts.hosts.filter((host) => nodesOf(host, nodes).length > 0);
  notify(parts, "creating the containers", `${nodes.length} on ${used.length} hosts`);
  const settings = { ...parts, exports, overlay: overlayView(parts.plan.links) };
  await mapBounded(used, hostsAtOnce, (host) =>
    mapBounded(nodesOf(host, nodes), requestsAtOnce, async (node) =>
      parts.watch.add(host.engine, node, await createNode(host, node, settings)),
    ),
  );
}

function describeAddresses(nodes: readonly RemoteNode[], parts: RemoteParts): string {
  const shown = nodes.map(({ name, group }) => {
    if (!group.planes.includes("rpc")) return name;
    const { host, port } = locate(name, "rpc", parts);
    return `${name} on ${host}:${port}`;
  });
  return shown.join(", ");
}

function notify({ options }: RemoteDeployment, step: string, detail?: string): void {
  options.emit({ type: "network-step", step, detail });
}

/** Removes what earlier runs left on a host where it holds a port that is needed now, and this run's own. */
async function replaceLeftovers(host: OpenHost<Engine>, { options }: RemoteDeployment): Promise<void> {
  const { name } = host.spec;
  const { leftovers, refusals } = await findInTheWay(host, options.run);
  if (refusals.length > 0) throw new ConfigurationError(refusals);
  for (const left of leftovers) {
    const names = [...left.containers.map((container) => container.name), ...left.networks, ...left.volumes];
    const step = `${name}: replacing the leftovers of run ${left.run}`;
    options.emit({ type: "network-step", step, detail: names.join(", "), host: name });
    await removeLeftovers(host.engine, left.run, { volumes: true, signal: options.signal });
  }
}
