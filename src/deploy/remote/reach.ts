import { formatAuthority } from "../../core/address.ts";
import { mapBounded } from "../../core/async.ts";
import { BaleenError } from "../../core/errors.ts";
import { containerPorts } from "../containers/compose-file.ts";
import type { Engine } from "../engine/engine.ts";
import type { ContainerSpec } from "../engine/types.ts";
import { innerAddress, nodesOf, publishedAddress } from "./layout.ts";
import { buildDoorArgv, tryWays } from "./links.ts";
import { describeContainer, type RemoteParts } from "./parts.ts";
import { hostsAtOnce, type OpenHost } from "./session.ts";

const wayTimeoutMs = 60_000;
/** How long one that has been started may take to listen. */
const startPatienceMs = 10_000;

/**
 * Tries the way from every host to every other one on all of its validators' ports, from containers as the nodes will
 * be, with something that listens there as they will.
 *
 * @param image one with Node.js, that all hosts have
 * @throws BaleenError that names every way that is blocked
 */
export async function checkWays(parts: RemoteParts, image: string): Promise<void> {
  const { hosts, options } = parts;
  const doors = new Map<OpenHost<Engine>, string>();
  try {
    await mapBounded(hosts, hostsAtOnce, async (host) => {
      const ports = peerPortsOf(host, parts).map((hostPort) => ({
        hostAddress: publishedAddress(innerAddress(host.spec)),
        hostPort,
        containerPort: containerPorts.peer,
      }));
      const door = describeTool("ways", { parts, image, port: containerPorts.peer });
      const id = await host.engine.createContainer({ ...door, ports });
      doors.set(host, id);
      await host.engine.start(id);
    });
    const found = await mapBounded([...doors], hostsAtOnce, ([host, door]) => findBlocked(host, door, parts));
    const blocked = found.flat();
    if (blocked.length > 0) throw new BaleenError("hosts-unreachable", describeBlocked(blocked));
  } finally {
    await mapBounded([...doors], hostsAtOnce, ([{ engine }, door]) => engine.removeContainer(door));
  }
  options.signal.throwIfAborted();
}

/** @param ways "host0 → host1 (10.0.1.11:26656): no answer within 3 s" */
export function describeBlocked(ways: readonly string[]): string {
  const many =
    ways.length === 1
      ? "This connection between hosts is"
      : `These ${ways.length} connections between hosts are`;
  const lines = ways.map((way) => `  ${way}`).join("\n");
  return `${many} blocked on the validators' port:\n${lines}\nOpen the port between the hosts (usually in a security group or a firewall), or set the addresses at which they reach one another (MYSTICETI_NODE…_PRIVATE_HOST).`;
}

/** Ports at which the others reach the nodes of a host. */
function peerPortsOf(host: OpenHost, { nodes }: RemoteParts): number[] {
  const reached = nodesOf(host, nodes).filter(({ group }) => group.planes.includes("peer"));
  return reached.map(({ ports }) => ports.peer);
}

/** A container that listens until it is ended, and in which ways can be tried meanwhile. */
function describeTool(
  name: string,
  { parts, image, port }: { readonly parts: RemoteParts; readonly image: string; readonly port: number },
): ContainerSpec {
  const [program = "", ...args] = buildDoorArgv(port);
  return { ...describeContainer(parts, name, image), entrypoint: [program], args };
}

/**
 * Starts a container on each host from which ways can be measured while the nodes run, for nodes whose own containers
 * have no Node.js.
 *
 * @returns their ids by host
 */
export async function openProbes(parts: RemoteParts): Promise<ReadonlyMap<string, string>> {
  const { hosts, images, options } = parts;
  const image = images.probes;
  if (image === undefined || hosts.length < 2) return new Map();
  // Any port of its own will do.
  const probe = describeTool("probe", { parts, image, port: 0 });
  const probes = await mapBounded(hosts, hostsAtOnce, async ({ spec, engine }) => {
    const id = await engine.createContainer(probe);
    await engine.start(id);
    return [spec.name, id] as const;
  });
  options.signal.throwIfAborted();
  return new Map(probes);
}

async function findBlocked(host: OpenHost<Engine>, door: string, parts: RemoteParts): Promise<string[]> {
  const { hosts, options } = parts;
  const targets = hosts
    .filter((other) => other !== host)
    .flatMap((other) =>
      peerPortsOf(other, parts).map((port) => ({
        name: other.spec.name,
        host: innerAddress(other.spec),
        port,
      })),
    );
  const limits = { signal: options.signal, timeoutMs: wayTimeoutMs };
  const ways = await tryWays(host, door, { targets, patienceMs: startPatienceMs, limits });
  return ways.flatMap((way, i) => {
    const target = targets[i];
    if (way.state === "open" || target === undefined) return [];
    return [`${host.spec.name} → ${target.name} (${formatAuthority(target)}): ${way.why}`];
  });
}
