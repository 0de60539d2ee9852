import type { HostSpec } from "../../contracts/hosts/host.ts";
import { isInside, isLoopback } from "../../core/address.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { mostNodesOnStandardPorts } from "../containers/compose-file.ts";
import { type DockerLeftover, listLeftovers } from "../engine/ownership.ts";
import { checkFacts } from "../provision/check.ts";
import { innerAddress, portsOnHost } from "./layout.ts";
import type { OpenHost } from "./session.ts";

/** What the nodes of one machine take at least. */
export const leastDiskBytes = 1024 ** 3;
export const leastMemoryBytesPerNode = 128 * 1024 ** 2;
/** More nodes than this to a core wait for each other rather than for the network. */
export const mostNodesPerCore = 4;

/** What is wrong with the hosts before any of them is looked at. */
export function checkHostList(nodes: number, hosts: readonly HostSpec[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const homeless = Array.from({ length: nodes }, (_, i) => i).filter(
    (node) => !hosts.some((host) => host.nodes.includes(node)),
  );
  if (homeless.length > 0) {
    const names = homeless.map((node) => `node${node}`).join(", ");
    diagnostics.push({ code: "hosts-missing", message: `There is no host for ${names}. Name more hosts.` });
  }
  const used = hosts.filter((host) => host.nodes.length > 0);
  for (const host of used) {
    if (host.nodes.length > mostNodesOnStandardPorts) {
      const message = `${host.name} has ${host.nodes.length} nodes; at most ${mostNodesOnStandardPorts} fit its ports. Name more hosts.`;
      diagnostics.push({ code: "host-slots", message });
    }
    if (used.length > 1 && isLoopback(innerAddress(host))) {
      const message = `${host.name}: the other hosts cannot reach it at ${innerAddress(host)}, a loopback address. Set the address at which they reach it: MYSTICETI_NODE${host.nodes[0]}_PRIVATE_HOST, or private_address in a YAML file.`;
      diagnostics.push({ code: "host-loopback", message });
    }
  }
  return diagnostics;
}

/**
 * What keeps hosts that answer from carrying their nodes.
 *
 * @param all those that they are to reach
 */
export async function checkOpenHosts(
  hosts: readonly OpenHost[],
  all: readonly OpenHost[] = hosts,
): Promise<Diagnostic[]> {
  const diagnostics = hosts.flatMap(({ spec, facts }) =>
    checkFacts(facts, {
      ports: portsOnHost(spec),
      diskBytes: leastDiskBytes,
      // One without nodes has clients.
      memoryBytes: leastMemoryBytesPerNode * Math.max(1, spec.nodes.length),
    }),
  );
  return [...diagnostics, ...(await findOverlaps(hosts, all))];
}

/**
 * Container networks that hold the address of another host, of hosts whose engine answers: what is sent there never
 * leaves the host.
 */
export async function findOverlaps(
  hosts: readonly OpenHost[],
  all: readonly OpenHost[] = hosts,
): Promise<Diagnostic[]> {
  const overlaps = await Promise.all(
    hosts.map(async ({ spec, engine }) => {
      const subnets = (await engine?.listNetworks())?.flatMap((network) =>
        network.subnets.map((subnet) => ({ name: network.name, subnet })),
      );
      const others = all.filter((other) => other.spec !== spec);
      return (subnets ?? []).flatMap(({ name, subnet }) =>
        others
          .filter((other) => isInside(innerAddress(other.spec), subnet))
          .map((other) => ({
            code: "subnet-overlap" as const,
            message: `${spec.name}: Docker's network "${name}" has the subnet ${subnet}, which contains the address of ${other.spec.name} (${innerAddress(other.spec)}): containers there cannot reach it. Give Docker another subnet (bip or default-address-pools in /etc/docker/daemon.json), or remove that network.`,
          })),
      );
    }),
  );
  return overlaps.flat();
}

/** One image runs on one kind of processor. */
export function checkArchitectures(hosts: readonly OpenHost[]): Diagnostic[] {
  if (new Set(hosts.map(({ facts }) => facts.architecture)).size <= 1) return [];
  const shown = hosts.map(({ spec, facts }) => `${spec.name} ${facts.architecture ?? "unknown"}`);
  const message = `The hosts have different processors (${shown.join(", ")}), and one image runs on one kind. Use hosts of one kind, or a multi-platform image from a registry: --image NAME --pull.`;
  return [{ code: "architectures-differ", message }];
}

/** Runs on the hosts that somebody may still be driving, where our nodes are to be. */
export async function findDriven(hosts: readonly OpenHost[], run: string): Promise<Diagnostic[]> {
  const found = await Promise.all(hosts.map((host) => findInTheWay(host, run)));
  return found.flatMap(({ refusals }) => refusals);
}

/**
 * What a run left on a host itself, or another one where the host's nodes are to listen. A run that somebody may still
 * be driving is not replaced, whoever has the lock: connections are lost at times.
 */
export async function findInTheWay(
  { spec, engine }: OpenHost,
  run: string,
): Promise<{ readonly leftovers: readonly DockerLeftover[]; readonly refusals: readonly Diagnostic[] }> {
  const wanted = new Set(portsOnHost(spec));
  const isInTheWay = ({ containers }: DockerLeftover) =>
    containers.some(({ ports }) => ports.some(({ port }) => wanted.has(port)));
  const all = engine === undefined ? [] : await listLeftovers(engine);
  const leftovers = all.filter((left) => left.run === run || isInTheWay(left));
  return {
    leftovers,
    refusals: leftovers.flatMap((left) => (left.run === run ? [] : refuseDriven(spec, left))),
  };
}

function refuseDriven({ name }: HostSpec, left: DockerLeftover): Diagnostic[] {
  const { run, holder } = left;
  if (holder === undefined) return [];
  const who = holder.pid === undefined ? holder.description : `${holder.description} on this machine`;
  const message = `${name}: containers of run ${run} use ports that this run needs, and ${who} may still control them. Wait for that run to end, or remove them with: npx baleen hosts clean --run ${run}`;
  return [{ code: "host-held", message }];
}
