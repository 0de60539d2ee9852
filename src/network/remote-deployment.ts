import type { DeployOptions, Endpoint, NodeConfiguration } from "../contracts/deployment.ts";
import { mapBounded } from "../core/async.ts";
import { ConfigurationError } from "../core/errors.ts";
import { containerPorts, nodeLabel } from "../docker/compose-file.ts";
import type { ImageSource } from "../docker/distribute.ts";
import { imageHome } from "../docker/image.ts";
import {
  describeOwnHolder,
  holderLabel,
  listLeftovers,
  removeLeftovers,
  runLabel,
} from "../docker/ownership.ts";
import { nothingExported } from "./exported.ts";
import { putNodeFiles } from "./node-files.ts";
import { findAllOverlaps, isInTheWay, refuseDriven } from "./remote-checks.ts";
import {
  clientHostsOf,
  openClientSites,
  type RemoteClientOptions,
  type RemoteClients,
} from "./remote-clients.ts";
import { sendImage } from "./remote-images.ts";
import { findRemoteEndpoint, innerAddress, publishedAddress, type RemoteNode } from "./remote-layout.ts";
import { closeTunnels, openRemoteNetwork, type RemoteNetwork } from "./remote-network.ts";
import { checkWays, type WayCheck } from "./remote-reach.ts";
import { hostsAtOnce, type ReadyHost, type RemoteSession } from "./remote-session.ts";
import { openTunnel, type Tunnel } from "./tunnel.ts";

/** How nodes run on hosts. */
export interface RemoteNodeOptions {
  readonly rpcVia: "direct" | "ssh";
  /** For people: whose nodes they are, "alice@laptop". */
  readonly who: string;
  /** Flags that lead a command to the same hosts, for what people are told to type. */
  readonly hostFlags?: readonly string[] | undefined;
  readonly cpus?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** undefined: clients run on this machine. */
  readonly clients?: RemoteClientOptions | undefined;
}

export interface RemoteDeployment {
  readonly session: RemoteSession;
  readonly nodes: readonly RemoteNode[];
  readonly source: ImageSource;
  /** Of the image of clients, where they run on hosts. */
  readonly clientSource?: ImageSource | undefined;
  readonly how: RemoteNodeOptions;
  readonly options: DeployOptions;
  /** Whether the ways between the hosts were found open before. */
  readonly waysAreOpen: boolean;
}

/** Requests to the engine of one host that are under way at once. */
const requestsAtOnce = 4;

/** Puts a committee on its hosts and starts it. Where it fails, what was made is for the caller to remove. */
export async function deployOnHosts(deployment: RemoteDeployment): Promise<RemoteNetwork> {
  const { session, nodes, how, options } = deployment;
  const { run, signal } = options;
  const all = await session.prepare(options.emit, signal);
  const hosts = all.filter(({ spec }) => spec.nodes.length > 0);
  // Those of an engine that was just installed were not there to be seen before.
  const overlaps = await findAllOverlaps(hosts);
  if (overlaps.length > 0) throw new ConfigurationError(overlaps);
  await mapBounded(hosts, hostsAtOnce, (host) => replaceLeftovers(host, deployment));
  const image = await sendImage(hosts, deployment.source, options);
  const holder = await describeOwnHolder(how.who);
  const clients = await placeClients(all, holder, deployment);
  // The nodes take their ports when they start: until then what tries the ways may have them.
  const creating = createNodes(hosts, { image, holder, deployment });
  // Both end before anything is removed.
  const trying = tryWays({ hosts, image, run, holder, signal }, deployment);
  await Promise.allSettled([creating, trying]);
  await trying;
  const containers = await creating;
  const tunnels = await openTunnels(hosts, deployment);
  const network = await openRemoteNetwork({
    ...deployment,
    hosts,
    clients,
    image,
    containers,
    tunnels,
  }).catch(async (error: unknown) => {
    await closeTunnels(tunnels);
    throw error;
  });
  try {
    tell(deployment, `starting ${nodes.length} nodes`, describeAddresses(network, nodes));
    await mapBounded(hosts, hostsAtOnce, ({ spec, engine }) =>
      mapBounded(nodesOf({ spec }, nodes), requestsAtOnce, async ({ name }) => {
        await engine.start(containers.get(name) ?? name);
      }),
    );
    signal.throwIfAborted();
    return network;
  } catch (error) {
    await network.release();
    throw error;
  }
}

async function tryWays(check: WayCheck, deployment: RemoteDeployment): Promise<void> {
  if (deployment.waysAreOpen || check.hosts.length < 2) return;
  tell(deployment, "checking that the hosts reach one another");
  await checkWays(check);
}

/** @returns ids of the containers by node */
async function createNodes(
  hosts: readonly ReadyHost[],
  made: { readonly image: string; readonly holder: string; readonly deployment: RemoteDeployment },
): Promise<ReadonlyMap<string, string>> {
  const { nodes } = made.deployment;
  tell(made.deployment, "creating the containers", `${nodes.length} on ${hosts.length} hosts`);
  const containers = new Map<string, string>();
  await mapBounded(hosts, hostsAtOnce, (host) =>
    mapBounded(nodesOf(host, nodes), requestsAtOnce, async (node) => {
      containers.set(node.name, await createNode(host, node, made));
    }),
  );
  return containers;
}

export function nodesOf({ spec }: Pick<ReadyHost, "spec">, nodes: readonly RemoteNode[]): RemoteNode[] {
  return nodes.filter((node) => node.host.name === spec.name);
}

function describeAddresses(network: RemoteNetwork, nodes: readonly RemoteNode[]): string {
  const shown = nodes.map(({ name }) => {
    const { host, port } = network.endpoint(name, "coordinator", "rpc");
    return `${name} on ${host}:${port}`;
  });
  return shown.join(", ");
}

function tell({ options }: RemoteDeployment, step: string, detail?: string): void {
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
    tell(deployment, `${spec.name}: replacing the leftovers of run ${left.run}`, names.join(", "));
    await removeLeftovers(engine, left.run, { volumes: true, signal: deployment.options.signal });
  }
}

/** Makes all ready that clients on hosts need; undefined where they run on this machine. */
async function placeClients(
  all: readonly ReadyHost[],
  holder: string,
  deployment: RemoteDeployment,
): Promise<RemoteClients | undefined> {
  const { how, clientSource, nodes, options } = deployment;
  if (how.clients === undefined || clientSource === undefined) return undefined;
  const hosts = clientHostsOf(all, how.clients);
  const image = await sendImage(hosts, clientSource, options);
  return openClientSites({ ...how.clients, hosts, nodes, image, run: options.run, holder });
}

async function createNode(
  { engine }: ReadyHost,
  node: RemoteNode,
  {
    image,
    holder,
    deployment,
  }: { readonly image: string; readonly holder: string; readonly deployment: RemoteDeployment },
): Promise<string> {
  const { how, options } = deployment;
  const labels = { [runLabel]: options.run };
  const volume = `baleen-${options.run}-${node.name}-home`;
  await engine.createVolume(volume, labels);
  const configuration = configure(node, deployment);
  const { peer, rpc, metrics } = node.ports;
  // What goes through SSH is for this machine alone.
  const outside = how.rpcVia === "ssh" ? "127.0.0.1" : publishedAddress(node.host.address.host);
  const id = await engine.createContainer({
    image,
    name: `baleen-${options.run}-${node.name}`,
    args: configuration.args,
    labels: { ...labels, [holderLabel]: holder, [nodeLabel]: node.name },
    env: {},
    volumes: [{ name: volume, path: imageHome }],
    ports: [
      {
        hostAddress: publishedAddress(innerAddress(node.host)),
        hostPort: peer,
        containerPort: containerPorts.peer,
      },
      { hostAddress: outside, hostPort: rpc, containerPort: containerPorts.rpc },
      { hostAddress: outside, hostPort: metrics, containerPort: containerPorts.metrics },
    ],
    cpus: how.cpus,
    memoryBytes: how.memoryBytes,
  });
  await putNodeFiles(engine, id, configuration.files);
  return id;
}

function configure(node: RemoteNode, { nodes }: RemoteDeployment): NodeConfiguration {
  const tunnels = new Map<string, Endpoint>();
  return node.group.configure(node, {
    home: imageHome,
    nodes,
    endpoint: (target, plane) =>
      findRemoteEndpoint(nodes, target, { seenBy: { node: node.name }, plane, tunnels }),
    listen: (plane) => ({ host: "0.0.0.0", port: containerPorts[plane] }),
    exported: nothingExported,
  });
}

async function openTunnels(
  hosts: readonly ReadyHost[],
  { how, nodes }: RemoteDeployment,
): Promise<ReadonlyMap<string, Tunnel>> {
  const tunnels = new Map<string, Tunnel>();
  if (how.rpcVia === "direct") return tunnels;
  for (const { spec, host } of hosts) {
    for (const node of nodesOf({ spec }, nodes)) {
      for (const plane of ["rpc", "metrics"] as const) {
        const tunnel = await openTunnel(host, node.ports[plane]).catch(async (error: unknown) => {
          await closeTunnels(tunnels);
          throw error;
        });
        tunnels.set(`${node.name}/${plane}`, tunnel);
      }
    }
  }
  return tunnels;
}
