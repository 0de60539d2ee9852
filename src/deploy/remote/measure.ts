import type { HostLink, HostPair, LinkReport } from "../../contracts/nodes/links.ts";
import { mapBounded, untilAborted } from "../../core/async.ts";
import { systemClock } from "../../core/clock.ts";
import type { DockerWatch } from "../containers/node.ts";
import { measureClock } from "../provision/clock.ts";
import { innerAddress, type RemoteNode } from "./layout.ts";
import { buildWayArgv, measureRtt, parseWays } from "./links.ts";
import { hostsAtOnce, type ReadyHost } from "./session.ts";

/** A host that is gone keeps the others' figures no longer than this; the whole may take 20 s. */
const linkTimeoutMs = 10_000;

/** The hosts with nodes, and the containers with Node.js there. */
interface MeasuredParts {
  readonly hosts: readonly ReadyHost[];
  readonly nodes: readonly RemoteNode[];
  /** The nodes' own. */
  readonly watch: Pick<DockerWatch, "find">;
  /** Ids by host, where the nodes' own have no Node.js. */
  readonly probes: ReadonlyMap<string, string>;
}

/** What cannot be measured, such as all of a host that is gone, has no figure. */
export async function measureLinks(parts: MeasuredParts, signal: AbortSignal): Promise<LinkReport> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(linkTimeoutMs)]);
  const measured = await mapBounded(parts.hosts, hostsAtOnce, async (host) => {
    // What goes on for longer is not waited for.
    const [link, ways] = await Promise.allSettled([
      untilAborted(measureHost(host, soon), soon),
      untilAborted(measurePairs(host, parts, soon), soon),
    ]);
    return {
      link: link.status === "fulfilled" ? link.value : { name: host.spec.name, region: host.spec.region },
      pairs: ways.status === "fulfilled" ? ways.value : listPairs(host, parts),
    };
  });
  signal.throwIfAborted();
  return { hosts: measured.map(({ link }) => link), pairs: measured.flatMap(({ pairs }) => pairs) };
}

function listPairs(host: ReadyHost, { hosts }: MeasuredParts): HostPair[] {
  return hosts
    .filter((other) => other !== host)
    .map((other) => ({ from: host.spec.name, to: other.spec.name }));
}

async function measureHost({ spec, host }: ReadyHost, signal: AbortSignal): Promise<HostLink> {
  const options = { clock: systemClock, signal };
  const { address } = spec;
  const [offset, directMs] = await Promise.all([
    measureClock(host, options).catch(() => undefined),
    address.jump === undefined ? measureRtt(address, options).catch(() => undefined) : undefined,
  ]);
  return {
    name: spec.name,
    region: spec.region,
    clockOffsetMs: offset?.offsetMs,
    clockErrorMs: offset?.errorMs,
    coordinatorRttMs: directMs ?? offset?.rttMs,
  };
}

/** Round trips from a host to each other one, to the containers that are their first nodes. */
async function measurePairs(host: ReadyHost, parts: MeasuredParts, signal: AbortSignal): Promise<HostPair[]> {
  const { hosts, nodes, watch, probes } = parts;
  const firstOf = ({ spec }: ReadyHost) => nodes.find((node) => node.host.name === spec.name);
  const targets = hosts
    .filter((other) => other !== host)
    .map((other) => ({ host: innerAddress(other.spec), port: firstOf(other)?.ports.peer ?? 0 }));
  const container = probes.get(host.spec.name) ?? watch.find(firstOf(host)?.name ?? "")?.containerId;
  const pairs = listPairs(host, parts);
  if (container === undefined || targets.length === 0) return pairs;
  // A crashed node cannot say: that fails.
  const argv = buildWayArgv(targets, 0);
  const { stdout } = await host.engine.execIn(container, argv, { signal, timeoutMs: linkTimeoutMs });
  const ways = parseWays(stdout, targets.length);
  return pairs.map((pair, i) => {
    const way = ways[i];
    return way?.state === "open" ? { ...pair, rttMs: way.rttMs } : pair;
  });
}
