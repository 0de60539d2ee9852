/** What the way between the hosts is like: whether it is open, and how long it takes. */
import { once } from "node:events";
import { connect } from "node:net";
import type { HostLink, HostPair, LinkReport } from "../../contracts/nodes/links.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { mapBounded, untilAborted } from "../../core/async.ts";
import { systemClock } from "../../core/clock.ts";
import type { DockerWatch } from "../containers/node.ts";
import { measureClock } from "../provision/clock.ts";
import { innerAddress, type RemoteNode } from "./layout.ts";
import { hostsAtOnce, type ReadyHost } from "./session.ts";

/** Connections that are tried one after the other; the quickest one counts. */
const attempts = 5;
const connectTimeoutMs = 3_000;
/** Node.js in the nodes' image. */
const nodePath = "/usr/local/bin/node";

/** One way, as somebody at its beginning saw it. */
type Way =
  | { readonly state: "open"; readonly rttMs: number }
  | { readonly state: "blocked"; readonly why: string };

/**
 * Program for `node -e` on a host: connects to each target given as JSON in its first argument, and prints what it
 * saw as JSON, in their order. A TCP handshake takes one round trip. For as many milliseconds as the second argument
 * says, who refuses is tried again: it may only just be starting.
 */
const wayProgram = `
const { connect } = require("node:net");
const attempt = (target) => new Promise((resolve) => {
  const startMs = performance.now();
  const socket = connect({ ...target, timeout: ${connectTimeoutMs} });
  const end = (seen) => { socket.destroy(); resolve(seen); };
  socket.on("connect", () => end({ state: "open", rttMs: performance.now() - startMs }));
  socket.on("timeout", () => end({ state: "blocked", why: "no answer within ${connectTimeoutMs / 1000} s" }));
  socket.on("error", (error) => end({ state: "blocked", why: error.code || error.message }));
});
const measure = async (target) => {
  const endMs = performance.now() + Number(process.argv[2]);
  let best = await attempt(target);
  while (best.why === "ECONNREFUSED" && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    best = await attempt(target);
  }
  for (let i = 1; i < ${attempts} && best.state === "open"; i++) {
    const next = await attempt(target);
    if (next.state === "open" && next.rttMs < best.rttMs) best = next;
  }
  return best;
};
Promise.all(JSON.parse(process.argv[1]).map(measure)).then((ways) => console.log(JSON.stringify(ways)));
`;

/** Program for `node -e`: accepts and closes connections at the port in its first argument until it is ended. */
const doorProgram = `
require("node:net").createServer((socket) => socket.end()).listen(Number(process.argv[1]), "0.0.0.0");
process.on("SIGTERM", () => process.exit());
`;

/** Command that listens at a port until it is ended. */
export function buildDoorArgv(port: number): readonly string[] {
  return [nodePath, "-e", doorProgram, String(port)];
}

/** Command that tries the ways to some targets. */
export function buildWayArgv(targets: readonly Endpoint[], patienceMs: number): readonly string[] {
  return [nodePath, "-e", wayProgram, JSON.stringify(targets), String(patienceMs)];
}

/**
 * Reads what such a command printed.
 *
 * @throws SyntaxError, TypeError where it is something else
 */
export function parseWays(output: string, count: number): Way[] {
  const ways: unknown = JSON.parse(output);
  if (!Array.isArray(ways) || ways.length !== count) throw new TypeError(`expected ${count} ways: ${output}`);
  return ways.map((way: Partial<Record<string, unknown>>): Way => {
    if (way.state === "open" && typeof way.rttMs === "number") return { state: "open", rttMs: way.rttMs };
    if (way.state === "blocked") return { state: "blocked", why: String(way.why) };
    throw new TypeError(`not a way: ${JSON.stringify(way)}`);
  });
}

/** Round trip from here, milliseconds: the quickest of some TCP handshakes; undefined where none came about. */
export async function measureRtt(target: Endpoint, signal: AbortSignal): Promise<number | undefined> {
  let bestMs: number | undefined;
  for (let i = 0; i < attempts; i++) {
    const startMs = systemClock.monotonicMs();
    const socket = connect({ ...target, signal, timeout: connectTimeoutMs });
    socket.on("timeout", () => socket.destroy(new Error("timeout")));
    try {
      await once(socket, "connect", { signal });
      bestMs = Math.min(bestMs ?? Number.POSITIVE_INFINITY, systemClock.monotonicMs() - startMs);
    } catch {
      signal.throwIfAborted();
      return bestMs;
    } finally {
      socket.destroy();
    }
  }
  return bestMs;
}

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
  const { address } = spec;
  const [offset, directMs] = await Promise.all([
    measureClock(host, { clock: systemClock, signal }).catch(() => undefined),
    address.jump === undefined ? measureRtt(address, signal).catch(() => undefined) : undefined,
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
