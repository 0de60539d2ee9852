import { formatAuthority } from "../../core/address.ts";
import { mapBounded } from "../../core/async.ts";
import { BaleenError } from "../../core/errors.ts";
import { containerPorts } from "../containers/compose-file.ts";
import { holderLabel, runLabel } from "../engine/ownership.ts";
import type { ContainerSpec } from "../engine/types.ts";
import { innerAddress, nodesOf, publishedAddress, type RemoteNode } from "./layout.ts";
import { buildDoorArgv, buildWayArgv, parseWays } from "./links.ts";
import { hostsAtOnce, type ReadyHost } from "./session.ts";

export interface WayCheck {
  readonly hosts: readonly ReadyHost[];
  readonly nodes: readonly RemoteNode[];
  /** One with Node.js, that all hosts have. */
  readonly image: string;
  readonly run: string;
  readonly holder: string;
  readonly signal: AbortSignal;
}

const wayTimeoutMs = 60_000;
/** How long one that has been started may take to listen. */
const startPatienceMs = 10_000;

/**
 * Tries the way from every host to every other one on all of its validators' ports, from containers as the nodes will
 * be, with something that listens there as they will.
 *
 * @throws BaleenError that names every way that is blocked
 */
export async function checkWays(check: WayCheck): Promise<void> {
  const { hosts, signal } = check;
  const doors = new Map<ReadyHost, string>();
  try {
    await mapBounded(hosts, hostsAtOnce, async (host) => {
      // It listens at the peer ports of the host's nodes.
      const ports = peerPortsOf(host, check).map((hostPort) => ({
        hostAddress: publishedAddress(innerAddress(host.spec)),
        hostPort,
        containerPort: containerPorts.peer,
      }));
      const door = describeTool("ways", containerPorts.peer, check);
      const id = await host.engine.createContainer({ ...door, ports });
      doors.set(host, id);
      await host.engine.start(id);
    });
    const blocked = await mapBounded([...doors], hostsAtOnce, ([host, door]) =>
      findBlocked(host, door, check),
    );
    refuseBlocked(blocked.flat());
  } finally {
    await mapBounded([...doors], hostsAtOnce, ([{ engine }, door]) => engine.removeContainer(door));
  }
  signal.throwIfAborted();
}

/** @param ways "host0 → host1 (10.0.1.11:26656): no answer within 3 s" */
function refuseBlocked(ways: readonly string[]): void {
  if (ways.length === 0) return;
  const many =
    ways.length === 1
      ? "This connection between hosts is"
      : `These ${ways.length} connections between hosts are`;
  const lines = ways.map((way) => `  ${way}`).join("\n");
  throw new BaleenError(
    "hosts-unreachable",
    `${many} blocked on the validators' port:\n${lines}\nOpen the port between the hosts (usually in a security group or a firewall), or set the addresses at which they reach one another (MYSTICETI_NODE…_PRIVATE_HOST).`,
  );
}

/** Ports at which the others reach the nodes of a host. */
function peerPortsOf(host: ReadyHost, { nodes }: WayCheck): number[] {
  const reached = nodesOf(host, nodes).filter(({ group }) => group.planes.includes("peer"));
  return reached.map(({ ports }) => ports.peer);
}

/** A container that listens until it is ended, and in which ways can be tried meanwhile. */
function describeTool(
  name: string,
  port: number,
  { image, run, holder }: Pick<WayCheck, "image" | "run" | "holder">,
): ContainerSpec {
  const [program = "", ...args] = buildDoorArgv(port);
  return {
    image,
    name: `baleen-${run}-${name}`,
    entrypoint: [program],
    args,
    labels: { [runLabel]: run, [holderLabel]: holder },
    env: {},
    volumes: [],
    ports: [],
  };
}

/**
 * Starts a container on each host from which ways can be measured while the nodes run, for nodes whose own containers
 * have no Node.js.
 *
 * @param check.image undefined: none is needed, or none can be had
 * @returns their ids by host
 */
export async function openProbes(
  check: Omit<WayCheck, "image"> & { readonly image: string | undefined },
): Promise<ReadonlyMap<string, string>> {
  const { hosts, image } = check;
  if (image === undefined || hosts.length < 2) return new Map();
  const probes = await mapBounded(hosts, hostsAtOnce, async ({ spec, engine }) => {
    // Any port of its own will do.
    const id = await engine.createContainer(describeTool("probe", 0, { ...check, image }));
    await engine.start(id);
    return [spec.name, id] as const;
  });
  check.signal.throwIfAborted();
  return new Map(probes);
}

async function findBlocked(host: ReadyHost, door: string, check: WayCheck): Promise<string[]> {
  const { hosts, signal } = check;
  const targets = hosts
    .filter((other) => other !== host)
    .flatMap((other) =>
      peerPortsOf(other, check).map((port) => ({
        name: other.spec.name,
        endpoint: { host: innerAddress(other.spec), port },
      })),
    );
  const argv = buildWayArgv(
    targets.map(({ endpoint }) => endpoint),
    startPatienceMs,
  );
  const limits = { signal, timeoutMs: wayTimeoutMs };
  const { stdout, stderr, exitCode } = await host.engine.execIn(door, argv, limits);
  if (exitCode !== 0) {
    const message = `${host.spec.name} could not try the connections to the other hosts: ${stderr.trim()}`;
    throw new BaleenError("way-check", message);
  }
  const ways = parseWays(stdout, targets.length);
  return targets.flatMap(({ name, endpoint }, i) => {
    const way = ways[i];
    if (way?.state !== "blocked") return [];
    return [`${host.spec.name} → ${name} (${formatAuthority(endpoint)}): ${way.why}`];
  });
}
