import type { Network } from "../../contracts/deployment.ts";
import type { Endpoint, NodeName, Plane } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { type DockerWatch, watchContainers } from "../containers/node.ts";
import { describeOwnHolder, listLeftovers, removeLeftovers } from "../engine/ownership.ts";
import { type Stage, startInStages } from "../nodes/stages.ts";
import { findOverlaps, isInTheWay, refuseDriven } from "./checks.ts";
import { clientHostsOf, openClientSites, type RemoteClients } from "./clients.ts";
import { type HostImages, sendImage, sendImages } from "./images.ts";
import { findRemoteEndpoint, nodesOf, type RemoteNode } from "./layout.ts";
import { openRemoteNetwork, type RemoteDeployment } from "./network.ts";
import { createNode } from "./node.ts";
import { checkWays, openProbes, type WayCheck } from "./reach.ts";
import { hostsAtOnce, type ReadyHost } from "./session.ts";
import { closeTunnels, openTunnels, type Tunnels } from "./tunnel.ts";

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
  await mapBounded(hosts, hostsAtOnce, (host) => replaceLeftovers(host, deployment));
  const images = await sendImages(hosts, deployment);
  const holder = await describeOwnHolder(how.who);
  const clients = await placeClients(all, holder, deployment);
  const watch = await watchContainers(
    hosts.map(({ engine }) => engine),
    run,
  );
  let tunnels: Tunnels = new Map();
  try {
    if (how.rpcVia === "ssh") tunnels = await openTunnels(hosts, nodes);
    const at = (target: NodeName, plane: Plane) =>
      findRemoteEndpoint(nodes, target, { seenBy: "coordinator", plane, tunnels });
    const made = { hosts, images, holder, watch, at, deployment };
    const start = (stage: Stage<RemoteNode>) => startStage(stage, made);
    await startInStages({ plan, nodes, start, find: watch.find, at, signal });
    const probes = await openProbes({ hosts, nodes, run, holder, image: images.probes, signal });
    return openRemoteNetwork({ ...deployment, hosts, clients, images, watch, probes, tunnels });
  } catch (error) {
    watch.end();
    await closeTunnels(tunnels);
    throw error;
  }
}

interface StageParts {
  readonly hosts: readonly ReadyHost[];
  readonly images: HostImages;
  readonly holder: string;
  readonly watch: DockerWatch;
  /** Where a node's plane is, as seen from here. */
  readonly at: (target: NodeName, plane: Plane) => Endpoint;
  readonly deployment: RemoteDeployment;
}

async function startStage(stage: Stage<RemoteNode>, parts: StageParts): Promise<void> {
  const { hosts, images, holder, watch, deployment } = parts;
  const { run, signal } = deployment.options;
  // The nodes take their ports when they start: until then what tries the ways may have them.
  const creating = createNodes(stage, parts);
  const check = { hosts, nodes: deployment.nodes, image: images.ways, run, holder, signal };
  const trying = stage.isFirst ? tryWays(check, deployment) : undefined;
  // Both end before anything is removed.
  await Promise.allSettled([creating, trying]);
  await trying;
  await creating;
  notify(deployment, `starting ${stage.nodes.length} nodes`, describeAddresses(stage.nodes, parts));
  await mapBounded(hosts, hostsAtOnce, (host) =>
    mapBounded(nodesOf(host, stage.nodes), requestsAtOnce, async ({ name }) => watch.find(name)?.start()),
  );
}

async function tryWays(
  check: Omit<WayCheck, "image"> & { readonly image: string | undefined },
  deployment: RemoteDeployment,
): Promise<void> {
  const { image } = check;
  if (deployment.waysAreOpen || check.hosts.length < 2) return;
  if (image === undefined) {
    const why = "no image with Node.js can be created here";
    return notify(deployment, "not checking that the hosts reach one another", why);
  }
  notify(deployment, "checking that the hosts reach one another");
  await checkWays({ ...check, image });
}

async function createNodes({ nodes, exports }: Stage<RemoteNode>, parts: StageParts): Promise<void> {
  const { hosts, images, holder, watch, deployment } = parts;
  const { how, options } = deployment;
  const used = hosts.filter((host) => nodesOf(host, nodes).length > 0);
  notify(deployment, "creating the containers", `${nodes.length} on ${used.length} hosts`);
  await mapBounded(used, hostsAtOnce, (host) =>
    mapBounded(nodesOf(host, nodes), requestsAtOnce, async (node) => {
      const image = images.of(node);
      const made = { image, holder, exports, nodes: deployment.nodes, how, run: options.run };
      watch.add(host.engine, node, await createNode(host, node, made));
    }),
  );
}

function describeAddresses(nodes: readonly RemoteNode[], { at }: StageParts): string {
  const shown = nodes.map(({ name, group }) => {
    if (!group.planes.includes("rpc")) return name;
    const { host, port } = at(name, "rpc");
    return `${name} on ${host}:${port}`;
  });
  return shown.join(", ");
}

function notify({ options }: RemoteDeployment, step: string, detail?: string): void {
  options.emit({ type: "network-step", step, ...(detail === undefined ? {} : { detail }) });
}

/** Removes what earlier runs left on a host where it holds a port that is needed now, and this run's own. */
async function replaceLeftovers({ spec, engine }: ReadyHost, deployment: RemoteDeployment): Promise<void> {
  const { run } = deployment.options;
  for (const left of await listLeftovers(engine)) {
    if (left.run !== run && !isInTheWay(spec, left)) continue;
    const refusal = refuseDriven(spec, left, run);
    if (refusal !== undefined) throw new ConfigurationError([refusal]);
    const names = [...left.containers.map(({ name }) => name), ...left.networks, ...left.volumes];
    deployment.options.emit({
      type: "network-step",
      step: `${spec.name}: replacing the leftovers of run ${left.run}`,
      detail: names.join(", "),
      host: spec.name,
    });
    await removeLeftovers(engine, left.run, { volumes: true, signal: deployment.options.signal });
  }
}

/** Makes all ready that clients on hosts need; undefined where they run on this machine. */
async function placeClients(
  all: readonly ReadyHost[],
  holder: string,
  deployment: RemoteDeployment,
): Promise<RemoteClients | undefined> {
  const { how, sources, nodes, options } = deployment;
  if (how.clients === undefined || sources.clients === undefined) return undefined;
  const hosts = clientHostsOf(all, how.clients);
  const image = await sendImage(hosts, sources.clients, options);
  return openClientSites({ ...how.clients, hosts, nodes, image, run: options.run, holder });
}
