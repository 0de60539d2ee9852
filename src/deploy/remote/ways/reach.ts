import { randomUUID } from "node:crypto";
import type { Plane } from "../../../contracts/nodes/node.ts";
import { formatAuthority } from "../../../core/address.ts";
import { mapBounded } from "../../../core/async.ts";
import { BaleenError } from "../../../core/errors.ts";
import { runCommand } from "../../../core/process/command.ts";
import { containerPorts } from "../../containers/compose-file.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerSpec } from "../../engine/types.ts";
import { innerAddress, nodesOf, publishedAddresses } from "../layout.ts";
import { buildDoorArgv, tryWays, type WayTarget } from "../links.ts";
import { describeContainer, type RemoteParts } from "../parts.ts";
import { hostsAtOnce, type OpenHost } from "../session.ts";
import { findBlockedSegmentWays } from "./segment-ways.ts";

const wayTimeoutMs = 60_000;
/** How long one that has been started may take to listen. */
const startPatienceMs = 10_000;

/** Containers that listen where the nodes will, and what each of them says, by its host. */
type Doors = ReadonlyMap<OpenHost<Engine>, { readonly id: string; readonly word: string }>;

/**
 * Tries the way from every host to every other one on all of its validators' ports, and from here to the RPC unless
 * that goes through SSH: from containers as the nodes will be, to something that listens there as they will, and says
 * what it alone knows. For a network under test, also that of what connects its nodes.
 *
 * @param image one with Node.js, that all hosts have
 * @throws BaleenError that names every way that is blocked
 */
export async function checkWays(parts: RemoteParts, image: string): Promise<void> {
  const { hosts, options } = parts;
  const doors = new Map<OpenHost<Engine>, { readonly id: string; readonly word: string }>();
  try {
    await mapBounded(hosts, hostsAtOnce, async (host) => {
      const word = randomUUID();
      const door = describeTool("ways", { parts, image, word, ports: Object.values(doorPorts) });
      const ports = tried.flatMap((plane) => publish(plane, host, parts));
      const id = await host.engine.createContainer({ ...door, ports });
      doors.set(host, { id, word });
      await host.engine.start(id);
    });
    const found = await mapBounded([...doors], hostsAtOnce, ([host]) => findBlocked(host, doors, parts));
    const blocked = [
      ...found.flat(),
      ...(await findBlockedFromHere(doors, parts)),
      ...(await findBlockedSegmentWays(parts, image)),
    ];
    if (blocked.length > 0) throw new BaleenError("hosts-unreachable", describeBlocked(blocked));
  } finally {
    await mapBounded([...doors], hostsAtOnce, ([{ engine }, { id }]) => engine.removeContainer(id));
  }
  options.signal.throwIfAborted();
}

const tried = ["peer", "rpc"] as const;
const doorPorts = { peer: containerPorts.peer, rpc: containerPorts.rpc };

function publish(plane: (typeof tried)[number], host: OpenHost, parts: RemoteParts) {
  return publishedAddresses(plane, host, parts.how.rpcVia).flatMap((hostAddress) =>
    listPorts(plane, host, parts).map((hostPort) => ({
      hostAddress,
      hostPort,
      containerPort: doorPorts[plane],
    })),
  );
}

/** @param ways "host0 → host1 (10.0.1.11:26656): no answer within 3 s" */
export function describeBlocked(ways: readonly string[]): string {
  const many = ways.length === 1 ? "This connection is" : `These ${ways.length} connections are`;
  const lines = ways.map((way) => `  ${way}`).join("\n");
  return `${many} blocked on a port of the nodes:\n${lines}\nOpen the port (usually in a security group or a firewall), or set the addresses at which hosts reach one another (MYSTICETI_NODE…_PRIVATE_HOST). This machine can go through SSH instead: --rpc-via ssh.`;
}

/** Ports of a host at which a plane of its nodes is reached. */
function listPorts(plane: Plane, host: OpenHost, { nodes }: RemoteParts): number[] {
  const reached = nodesOf(host, nodes).filter(({ group }) => group.planes.includes(plane));
  return reached.map(({ ports }) => ports[plane]);
}

interface Tool {
  readonly parts: RemoteParts;
  readonly image: string;
  readonly word: string;
  readonly ports: readonly number[];
}

/** A container that listens until it is ended, and in which ways can be tried meanwhile. */
function describeTool(name: string, { parts, image, word, ports }: Tool): ContainerSpec {
  const [program = "", ...args] = buildDoorArgv(word, ports);
  return { ...describeContainer(parts, name, image), entrypoint: [program], args };
}

/**
 * Starts a container on each host from which ways can be measured while the nodes run, for nodes whose own containers
 * have no Node.js, or see only emulated links.
 *
 * @returns their ids by host
 */
export async function openProbes(parts: RemoteParts): Promise<ReadonlyMap<string, string>> {
  const { hosts, images, links, options } = parts;
  const image = links === undefined ? images.probes : images.ways;
  if (image === undefined || hosts.length < 2) return new Map();
  // Any port of its own will do.
  const probe = describeTool("probe", { parts, image, word: "", ports: [0] });
  const probes = await mapBounded(hosts, hostsAtOnce, async ({ spec, engine }) => {
    const id = await engine.createContainer(probe);
    await engine.start(id);
    return [spec.name, id] as const;
  });
  options.signal.throwIfAborted();
  return new Map(probes);
}

async function findBlocked(host: OpenHost<Engine>, doors: Doors, parts: RemoteParts): Promise<string[]> {
  const targets = [...doors].flatMap(([other, { word }]) =>
    other === host ? [] : listTargets("peer", other, parts, word),
  );
  const { id = "" } = doors.get(host) ?? {};
  return await listBlocked(host.spec.name, targets, parts, (argv, limits) =>
    host.engine.execIn(id, argv, limits),
  );
}

/** The RPC, as this machine reaches it. */
async function findBlockedFromHere(doors: Doors, parts: RemoteParts): Promise<string[]> {
  const { rpcVia, nodeBinary, env } = parts.how;
  if (rpcVia === "ssh") return [];
  const targets = [...doors].flatMap(([host, { word }]) => listTargets("rpc", host, parts, word));
  return await listBlocked("this machine", targets, parts, ([, ...words], limits) =>
    runCommand([nodeBinary, ...words], { ...limits, env }),
  );
}

interface NamedTarget extends WayTarget {
  readonly name: string;
}

function listTargets(
  plane: (typeof tried)[number],
  host: OpenHost,
  parts: RemoteParts,
  word: string,
): NamedTarget[] {
  const { name, address } = host.spec;
  const at = plane === "peer" ? innerAddress(host.spec) : address.host;
  return listPorts(plane, host, parts).map((port) => ({ name, host: at, port, word }));
}

async function listBlocked(
  from: string,
  targets: readonly NamedTarget[],
  { options }: RemoteParts,
  run: Parameters<typeof tryWays>[3],
): Promise<string[]> {
  const limits = { signal: options.signal, timeoutMs: wayTimeoutMs, patienceMs: startPatienceMs };
  const ways = await tryWays(from, targets, limits, run);
  return ways.flatMap((way, i) => {
    const target = targets[i];
    if (way.state === "open" || target === undefined) return [];
    return [`${from} → ${target.name} (${formatAuthority(target)}): ${way.why}`];
  });
}
