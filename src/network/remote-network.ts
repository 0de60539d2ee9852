import type { Cleanup, Endpoint, Leftover, Network } from "../contracts/deployment.ts";
import { coordinatorName, type Machine } from "../contracts/host-load.ts";
import { mapBounded } from "../core/async.ts";
import { BaleenError, describeError } from "../core/errors.ts";
import { quoteArgv } from "../core/quote.ts";
import { describeThings, listLeftovers, removeLeftovers, runLabel } from "../docker/ownership.ts";
import { createDockerNode, type DockerNode } from "./docker-node.ts";
import { openExits } from "./exits.ts";
import { listNodeProcesses, listOtherContainers } from "./machines.ts";
import type { RemoteClients } from "./remote-clients.ts";
import type { RemoteDeployment } from "./remote-deployment.ts";
import { findRemoteEndpoint, type RemoteNode } from "./remote-layout.ts";
import { measureLinks } from "./remote-measure.ts";
import { hostsAtOnce, type ReadyHost } from "./remote-session.ts";
import type { Tunnel } from "./tunnel.ts";

/** Bound of a clean-up, however it was asked for. */
const cleanupTimeoutMs = 120_000;

export interface RemoteNetworkParts extends RemoteDeployment {
  /** Those with nodes. */
  readonly hosts: readonly ReadyHost[];
  /** undefined where they run on this machine. */
  readonly clients: RemoteClients | undefined;
  readonly image: string;
  /** Ids of the nodes' containers. */
  readonly containers: ReadonlyMap<string, string>;
  /** By "node0/rpc". */
  readonly tunnels: ReadonlyMap<string, Tunnel>;
}

/** A network of containers on hosts. */
export interface RemoteNetwork extends Network {
  /** Stops watching it and closes its tunnels, and leaves all else as it is. */
  readonly release: () => Promise<void>;
}

/** Something that a run has made on hosts could not be removed. */
export class RemoteCleanupError extends BaleenError {
  constructor({ run, hostFlags }: HostsCleanup, failures: readonly string[]) {
    const message = `What run ${run} has made could not be removed everywhere: ${failures.join("; ")}. Try again with: ${hostsCleanCommand({ run, hostFlags })}`;
    super("cleanup", message);
  }
}

/** What a run has made on hosts, and how a command is led to them. */
export interface HostsCleanup {
  readonly run: string;
  /** As RemoteNodeOptions has them. */
  readonly hostFlags?: readonly string[] | undefined;
}

/** What removes all that a run has left on hosts, for people to type. */
export function hostsCleanCommand({ run, hostFlags = [] }: HostsCleanup): string {
  return quoteArgv(["npx", "baleen", "hosts", "clean", ...hostFlags, "--run", run]);
}

/** Makes the handle on the containers of a run and begins to watch them; nothing is started. */
export async function openRemoteNetwork(parts: RemoteNetworkParts): Promise<RemoteNetwork> {
  const { hosts, clients, nodes: placed, options, tunnels } = parts;
  const all = allHosts(parts);
  const exits = openExits();
  const nodes = placed.map((node): DockerNode => {
    const { engine } = hostOf(hosts, node);
    const containerId = parts.containers.get(node.name) ?? node.name;
    return createDockerNode({ engine, node, containerId, onUnexpectedExit: exits.tell });
  });
  const watch = new AbortController();
  const watching = mapBounded(hosts, hostsAtOnce, ({ engine }) =>
    engine.watchDeaths(
      `${runLabel}=${options.run}`,
      ({ id, exitCode }) => nodes.find(({ containerId }) => containerId === id)?.noteDeath(exitCode),
      watch.signal,
    ),
  );
  await watching.catch((error: unknown) => {
    watch.abort();
    throw error;
  });
  const release = async () => {
    watch.abort();
    await closeTunnels(tunnels);
  };
  const { run } = options;
  const nodesOf = ({ spec }: ReadyHost) => nodes.filter((_, place) => placed[place]?.host.name === spec.name);
  let stopped = false;
  const made = { run: options.run, hostFlags: parts.how.hostFlags };
  const stop = async (cleanup: Cleanup): Promise<Leftover | undefined> => {
    stopped = true;
    await release();
    if (cleanup !== "keep") {
      await removeFromHosts(all, made, {
        volumes: cleanup === "thorough",
        graceful: cleanup === "remove",
      });
    }
    return describeLeftover(all, made);
  };
  const endpoints = new Map<string, Endpoint>([...tunnels].map(([name, { endpoint }]) => [name, endpoint]));
  return {
    runtime: "docker",
    nodes,
    endpoint: (target, seenBy, plane) =>
      findRemoteEndpoint(placed, target, { seenBy, plane, tunnels: endpoints }),
    onExit: exits.listen,
    ...(clients === undefined ? {} : { clientSites: clients.sites }),
    machines: () => [
      coordinator,
      ...all.map((host) => describeMachine(host, { nodes: nodesOf(host), clients, run })),
    ],
    stop,
    release,
    describe: () => describeHosts(parts),
    measureLinks: (signal) => measureLinks(parts, signal),
    [Symbol.asyncDispose]: async () => {
      if (!stopped) await stop(options.cleanup);
    },
  };
}

/** Those with nodes, then those with clients alone. */
function allHosts({ hosts, clients }: RemoteNetworkParts): readonly ReadyHost[] {
  const others = clients?.hosts.filter(({ spec }) => !hosts.some((host) => host.spec.name === spec.name));
  return [...hosts, ...(others ?? [])];
}

/** The machine that drives the load has no node, and its engine, if any, is not asked. */
const coordinator: Machine = {
  name: coordinatorName,
  processes: async () => [],
  otherContainers: async () => undefined,
};

function describeMachine(
  { spec, host, engine }: ReadyHost,
  {
    nodes,
    clients,
    run,
  }: {
    readonly nodes: readonly DockerNode[];
    readonly clients: RemoteClients | undefined;
    readonly run: string;
  },
): Machine {
  return {
    name: spec.name,
    host,
    processes: async () => [...(await listNodeProcesses(nodes)), ...(clients?.processes(spec.name) ?? [])],
    otherContainers: () => listOtherContainers(engine, run),
  };
}

/** Ends the ways through SSH, and what goes through them. */
export async function closeTunnels(tunnels: RemoteNetworkParts["tunnels"]): Promise<void> {
  await Promise.all([...tunnels.values()].map((tunnel) => tunnel[Symbol.asyncDispose]()));
}

function hostOf(hosts: readonly ReadyHost[], node: RemoteNode): ReadyHost {
  const host = hosts.find(({ spec }) => spec.name === node.host.name);
  if (host === undefined) throw new BaleenError("host-missing", `${node.host.name} is not connected.`);
  return host;
}

/**
 * Removes what a run made on every host that can be reached, on a signal of its own.
 *
 * @throws RemoteCleanupError that names each host where something is left
 */
export async function removeFromHosts(
  hosts: readonly Pick<ReadyHost, "spec" | "engine">[],
  made: HostsCleanup,
  what: { readonly volumes: boolean; readonly graceful?: boolean },
): Promise<void> {
  const signal = AbortSignal.timeout(cleanupTimeoutMs);
  const failures = await mapBounded(hosts, hostsAtOnce, async ({ spec, engine }) => {
    try {
      await removeLeftovers(engine, made.run, { ...what, signal });
      return [];
    } catch (error) {
      // The engine's or the connection's own words, without what stands behind them.
      const why = error instanceof BaleenError && error.cause instanceof BaleenError ? error.cause : error;
      const message = why instanceof BaleenError ? why.message : describeError(why);
      return [`${spec.name}: ${message.replace(/\.$/, "")}`];
    }
  });
  if (failures.flat().length > 0) throw new RemoteCleanupError(made, failures.flat());
}

async function describeLeftover(
  hosts: readonly ReadyHost[],
  made: HostsCleanup,
): Promise<Leftover | undefined> {
  const { run } = made;
  const what = await mapBounded(hosts, hostsAtOnce, async ({ spec, engine }) => {
    try {
      const [left] = await listLeftovers(engine, run);
      return left === undefined ? [] : describeThings(left).map((thing) => `${spec.name}: ${thing}`);
    } catch (error) {
      if (!(error instanceof BaleenError)) throw error;
      return [`${spec.name}: what carries the label ${runLabel}=${run}`];
    }
  });
  return what.flat().length === 0 ? undefined : { what: what.flat(), command: hostsCleanCommand(made) };
}

/** What a name stood for, so that a tag that moves on can be told. */
async function describeImage(engine: ReadyHost["engine"], name: string): Promise<Record<string, unknown>> {
  const image = await engine.inspectImage(name);
  return { id: image?.id, contentDigest: image?.contentDigest, registryDigests: image?.registryDigests };
}

/** Facts of every host for environment.json: what it is and what runs there, nothing of how one logs in. */
async function describeHosts(parts: RemoteNetworkParts): Promise<Record<string, unknown>> {
  const { image, clients, how, nodes } = parts;
  const described = await mapBounded(allHosts(parts), hostsAtOnce, async ({ spec, facts, engine }) => [
    spec.name,
    {
      address: spec.address.host,
      privateAddress: spec.privateAddress,
      region: spec.region,
      nodes: nodes.filter((node) => node.host.name === spec.name).map(({ name }) => name),
      os: facts.osName,
      kernel: facts.kernelRelease,
      architecture: facts.architecture,
      virtualization: facts.virtualization,
      cpus: facts.cpus,
      cpuModel: facts.cpuModel,
      memoryBytes: facts.memoryTotalBytes,
      docker: facts.docker.engine?.version,
      storageDriver: facts.docker.engine?.storageDriver,
      ...(spec.nodes.length === 0 ? {} : { image: await describeImage(engine, image) }),
    },
  ]);
  return {
    hosts: Object.fromEntries(described),
    image,
    rpcVia: how.rpcVia,
    ...(clients === undefined
      ? {}
      : {
          clients: {
            placement: how.clients?.placement,
            hosts: clients.hosts.map(({ spec }) => spec.name),
            image: clients.image,
          },
        }),
    limits: { cpus: how.cpus, memoryBytes: how.memoryBytes },
  };
}
