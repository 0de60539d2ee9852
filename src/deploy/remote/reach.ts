import { formatAuthority } from "../../core/address.ts";
import { mapBounded } from "../../core/async.ts";
import { BaleenError } from "../../core/errors.ts";
import { containerPorts } from "../containers/compose-file.ts";
import { holderLabel, runLabel } from "../engine/ownership.ts";
import type { ContainerSpec } from "../engine/types.ts";
import { innerAddress, publishedAddress, type RemoteNode } from "./layout.ts";
import { buildDoorArgv, buildWayArgv, parseWays } from "./links.ts";
import { hostsAtOnce, type ReadyHost } from "./session.ts";

/** Hosts that cannot reach one another on the validators' port. */
export class BlockedWayError extends BaleenError {
  /** "host0 → host1 (10.0.1.11:26656): no answer within 3 s" */
  readonly ways: readonly string[];

  constructor(ways: readonly string[]) {
    const many =
      ways.length === 1 ? "This way between hosts is" : `These ${ways.length} ways between hosts are`;
    const lines = ways.map((way) => `  ${way}`);
    super(
      "hosts-unreachable",
      `${many} blocked on the validators' port:\n${lines.join("\n")}\nOpen the port between the hosts (a security group or a firewall, as a rule), or give the address that they reach one another at (MYSTICETI_NODE…_PRIVATE_HOST).`,
    );
    this.ways = ways;
  }
}

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
 * @throws BlockedWayError that names every way that is blocked
 */
export async function checkWays(check: WayCheck): Promise<void> {
  const { hosts, signal } = check;
  const doors = new Map<ReadyHost, string>();
  try {
    await mapBounded(hosts, hostsAtOnce, async (host) => {
      const id = await host.engine.createContainer(describeDoor(host, check));
      doors.set(host, id);
      await host.engine.start(id);
    });
    const blocked = await mapBounded([...doors], hostsAtOnce, ([host, door]) =>
      findBlocked(host, door, check),
    );
    if (blocked.flat().length > 0) throw new BlockedWayError(blocked.flat());
  } finally {
    await mapBounded([...doors], hostsAtOnce, ([{ engine }, door]) => engine.removeContainer(door));
  }
  signal.throwIfAborted();
}

/** A container that listens at the peer ports of a host's nodes. */
function describeDoor({ spec }: ReadyHost, check: WayCheck): ContainerSpec {
  const ports = peerPortsOf({ spec }, check).map((hostPort) => ({
    hostAddress: publishedAddress(innerAddress(spec)),
    hostPort,
    containerPort: containerPorts.peer,
  }));
  return { ...describeTool("ways", containerPorts.peer, check), ports };
}

/** Ports at which the others reach the nodes of a host. */
function peerPortsOf({ spec }: Pick<ReadyHost, "spec">, { nodes }: Pick<WayCheck, "nodes">): number[] {
  return nodes
    .filter(({ host, group }) => host.name === spec.name && group.planes.includes("peer"))
    .map(({ ports }) => ports.peer);
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
    .flatMap(({ spec }) =>
      peerPortsOf({ spec }, check).map((port) => ({
        name: spec.name,
        endpoint: { host: innerAddress(spec), port },
      })),
    );
  const argv = buildWayArgv(
    targets.map(({ endpoint }) => endpoint),
    startPatienceMs,
  );
  const { stdout, stderr, exitCode } = await host.engine.execIn(door, argv, {
    signal,
    timeoutMs: wayTimeoutMs,
  });
  if (exitCode !== 0) {
    throw new BaleenError(
      "way-check",
      `${host.spec.name} could not try the ways to the others: ${stderr.trim()}`,
    );
  }
  const ways = parseWays(stdout, targets.length);
  return targets.flatMap(({ name, endpoint }, i) => {
    const way = ways[i];
    if (way?.state !== "blocked") return [];
    return [`${host.spec.name} → ${name} (${formatAuthority(endpoint)}): ${way.why}`];
  });
}
