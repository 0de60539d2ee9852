import type { Network } from "../../contracts/deployment.ts";
import { coordinatorName, type Machine } from "../../contracts/hosts/host-load.ts";
import { mapBounded } from "../../core/async.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { quoteArgv } from "../../core/text/quote.ts";
import { listNodeProcesses, listOtherContainers, openContainerNetwork } from "../containers/network.ts";
import { describeImage } from "../containers/program.ts";
import type { Engine } from "../engine/engine.ts";
import { describeLeftover, describeUnseen, removeLeftovers } from "../engine/ownership.ts";
import { shapedNode } from "../links/nodes.ts";
import type { RemoteClients } from "./clients.ts";
import { unlessGone } from "./gone.ts";
import type { HostImages } from "./images.ts";
import { findRemoteEndpoint, nodesOf, type RemoteNode } from "./layout.ts";
import { measureLinks } from "./links.ts";
import type { RemoteNodeOptions, RemoteParts } from "./parts.ts";
import { hostsAtOnce, type OpenHost } from "./session.ts";
import { closeTunnels } from "./tunnel.ts";

/** Bound of a clean-up, however it was asked for. */
const cleanupTimeoutMs = 120_000;

interface RemoteNetworkParts extends RemoteParts {
  /** undefined where they run on this machine. */
  readonly clients: RemoteClients | undefined;
  /** As openProbes gives them. */
  readonly probes: ReadonlyMap<string, string>;
}

/** What a run has made on hosts, and how a command is led to them. */
interface HostsCleanup extends Pick<RemoteNodeOptions, "hostFlags"> {
  readonly run: string;
}

/** What removes all that a run has left on hosts, for people to type. */
export function hostsCleanCommand({ run, hostFlags = [] }: HostsCleanup): string {
  return quoteArgv(["npx", "baleen", "hosts", "clean", ...hostFlags, "--run", run]);
}

/** Makes the handle on the containers of a run, all of which were made. */
export function openRemoteNetwork(parts: RemoteNetworkParts): Network {
  const { clients, nodes: placed, options, tunnels, watch, links } = parts;
  const { run } = options;
  const all = allHosts(parts);
  const made = { run, hostFlags: parts.how.hostFlags };
  const handlesOf = (nodes: readonly RemoteNode[]) => nodes.flatMap(({ name }) => watch.find(name) ?? []);
  return openContainerNetwork({
    nodes: handlesOf(placed).map((node) => shapedNode(node, links?.shapers)),
    watch,
    options,
    endpoint: (target, seenBy, plane) => findRemoteEndpoint(placed, target, { seenBy, plane, tunnels }),
    ...(clients === undefined ? {} : { clientSites: clients.sites }),
    machines: () => [
      coordinator,
      ...all.map(({ spec, host, engine }): Machine => {
        const nodes = handlesOf(nodesOf({ spec }, placed));
        return {
          name: spec.name,
          host,
          processes: async () => [
            ...(await listNodeProcesses(nodes)),
            ...(clients?.processes(spec.name) ?? []),
            ...(links?.processes(spec.name) ?? []),
          ],
          otherContainers: () => listOtherContainers(engine, run),
        };
      }),
    ],
    ...(links === undefined ? {} : { links: links.shapers.shaping() }),
    hangUp: async () => {
      await links?.shapers[Symbol.asyncDispose]();
      await closeTunnels(tunnels);
    },
    remove: (what) => removeFromHosts(all, made, what),
    describeLeftover: async () => {
      const found = await mapBounded(all, hostsAtOnce, async (open) => {
        const described = unlessGone(open, describeLeftover(open.engine, run));
        const things = await described.catch((error: unknown) => {
          if (!(error instanceof BaleenError)) throw error;
          return [describeUnseen(run)];
        });
        return things.map((thing) => `${open.spec.name}: ${thing}`);
      });
      return found.flat();
    },
    command: hostsCleanCommand(made),
    describe: () => describeHosts(parts),
    measureLinks: (signal) => measureLinks(parts, signal),
  });
}

/** Those with nodes, then those with clients alone. */
function allHosts({ hosts, clients }: RemoteNetworkParts): readonly OpenHost<Engine>[] {
  const others = clients?.hosts.filter(({ spec }) => !hosts.some((host) => host.spec.name === spec.name));
  return [...hosts, ...(others ?? [])];
}

/** The machine that drives the load has no node, and its engine, if any, is not asked. */
const coordinator: Machine = {
  name: coordinatorName,
  processes: async () => [],
  otherContainers: async () => undefined,
};

/**
 * Removes what a run made on every host that can be reached, on a signal of its own.
 *
 * @throws BaleenError that names each host where something is left
 */
export async function removeFromHosts(
  hosts: readonly OpenHost[],
  made: HostsCleanup,
  what: { readonly volumes: boolean; readonly graceful?: boolean },
): Promise<void> {
  const signal = AbortSignal.timeout(cleanupTimeoutMs);
  const failures = await mapBounded(hosts, hosts.length, async (open) => {
    const { spec, engine } = open;
    try {
      if (engine !== undefined) {
        await unlessGone(open, removeLeftovers(engine, made.run, { ...what, signal }));
      }
      return [];
    } catch (error) {
      // The engine's or the connection's own words, without what stands behind them.
      const why = error instanceof BaleenError && error.cause instanceof BaleenError ? error.cause : error;
      const message = why instanceof BaleenError ? why.message : describeError(why);
      return [`${spec.name}: ${message.replace(/\.$/, "")}`];
    }
  });
  const failed = failures.flat();
  if (failed.length === 0) return;
  const message = `Not everything that run ${made.run} created could be removed: ${failed.join("; ")}. Try again with: ${hostsCleanCommand(made)}`;
  throw new BaleenError("cleanup", message);
}

/** Facts of every host for environment.json: what it is and what runs there, nothing of how one logs in. */
async function describeHosts(parts: RemoteNetworkParts): Promise<Record<string, unknown>> {
  const { images, clients, how, nodes } = parts;
  const names = [...new Set(nodes.map(images.of))];
  const described = await mapBounded(allHosts(parts), hostsAtOnce, async ({ spec, facts, engine }) => [
    spec.name,
    {
      address: spec.address.host,
      privateAddress: spec.privateAddress,
      region: spec.region,
      nodes: nodesOf({ spec }, nodes).map(({ name }) => name),
      os: facts.osName,
      kernel: facts.kernelRelease,
      architecture: facts.architecture,
      virtualization: facts.virtualization,
      cpus: facts.cpus,
      cpuModel: facts.cpuModel,
      memoryBytes: facts.memoryTotalBytes,
      docker: facts.docker.engine?.version,
      storageDriver: facts.docker.engine?.storageDriver,
      ...(await describeImages(engine, images, nodesOf({ spec }, nodes))),
    },
  ]);
  return {
    hosts: Object.fromEntries(described),
    ...(names.length === 1 ? { image: names[0] } : { images: names }),
    rpcVia: how.rpcVia,
    clients: clients && {
      placement: how.clients?.placement,
      hosts: clients.hosts.map(({ spec }) => spec.name),
      image: clients.image,
    },
    limits: { cpus: how.cpus, memoryBytes: how.memoryBytes },
  };
}

/** What the images of a host's nodes are there: of several by name. */
async function describeImages(
  engine: Engine,
  images: HostImages,
  nodes: readonly RemoteNode[],
): Promise<Record<string, unknown>> {
  const names = [...new Set(nodes.map(images.of))];
  const described = await Promise.all(names.map((name) => describeImage(engine, name)));
  if (names.length === 1) return { image: described[0] };
  return names.length === 0
    ? {}
    : { images: Object.fromEntries(names.map((name, i) => [name, described[i]])) };
}
