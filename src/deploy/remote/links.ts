/** What the way between the hosts is like: whether it is open, and how long it takes. */
import { once } from "node:events";
import { connect } from "node:net";
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { HostLink, HostPair, LinkReport } from "../../contracts/nodes/links.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { mapBounded, untilAborted } from "../../core/async.ts";
import { systemClock } from "../../core/clock.ts";
import { BaleenError } from "../../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { ExecOptions } from "../engine/exec.ts";
import { measureClock } from "../provision/clock.ts";
import { innerAddress } from "./layout.ts";
import type { RemoteParts } from "./parts.ts";
import { hostsAtOnce, type OpenHost } from "./session.ts";

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

/**
 * Tries ways from a container with Node.js on a host.
 *
 * @returns in the order of the targets
 * @throws BaleenError where they could not be tried; SyntaxError, TypeError where it answers with something else
 */
export async function tryWays(
  { spec, engine }: { readonly spec: Pick<HostSpec, "name">; readonly engine: Pick<Engine, "execIn"> },
  container: string,
  {
    targets,
    patienceMs,
    limits,
  }: { readonly targets: readonly Endpoint[]; readonly patienceMs: number; readonly limits: ExecOptions },
): Promise<Way[]> {
  const endpoints = targets.map(({ host, port }) => ({ host, port }));
  const argv = [nodePath, "-e", wayProgram, JSON.stringify(endpoints), String(patienceMs)];
  const { stdout, stderr, exitCode } = await engine.execIn(container, argv, limits);
  if (exitCode !== 0) {
    const message = `${spec.name} could not try the connections to the other hosts: ${stderr.trim()}`;
    throw new BaleenError("way-check", message);
  }
  const ways: unknown = JSON.parse(stdout);
  if (!Array.isArray(ways) || ways.length !== targets.length) {
    throw new TypeError(`not ${targets.length} ways: ${stdout}`);
  }
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

type MeasuredParts = Pick<RemoteParts, "hosts" | "nodes" | "watch"> & {
  /** Containers with Node.js, by host, where the nodes' own have none. */
  readonly probes: ReadonlyMap<string, string>;
};

/** What cannot be measured, such as all of a host that is gone, has no figure. */
export async function measureLinks(parts: MeasuredParts, signal: AbortSignal): Promise<LinkReport> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(linkTimeoutMs)]);
  const measured = await mapBounded(parts.hosts, hostsAtOnce, async (host) => {
    // What goes on for longer is not waited for.
    const [link, pairs] = await Promise.all([
      untilAborted(measureHost(host, soon), soon).catch(() => nameLink(host)),
      untilAborted(measurePairs(host, parts, soon), soon).catch(() => listPairs(host, parts)),
    ]);
    return { link, pairs };
  });
  signal.throwIfAborted();
  return { hosts: measured.map(({ link }) => link), pairs: measured.flatMap(({ pairs }) => pairs) };
}

const nameLink = ({ spec: { name, region } }: OpenHost): HostLink => ({ name, region });

function listPairs(host: OpenHost, { hosts }: MeasuredParts): HostPair[] {
  return hosts
    .filter((other) => other !== host)
    .map((other) => ({ from: host.spec.name, to: other.spec.name }));
}

async function measureHost(open: OpenHost, signal: AbortSignal): Promise<HostLink> {
  const { host, spec } = open;
  const { address } = spec;
  const [offset, directMs] = await Promise.all([
    measureClock(host, { clock: systemClock, signal }).catch(() => undefined),
    address.jump === undefined ? measureRtt(address, signal).catch(() => undefined) : undefined,
  ]);
  return {
    ...nameLink(open),
    clockOffsetMs: offset?.offsetMs,
    clockErrorMs: offset?.errorMs,
    coordinatorRttMs: directMs ?? offset?.rttMs,
  };
}

/** Round trips from a host to each other one, to the containers that are their first nodes. */
async function measurePairs(
  host: OpenHost<Engine>,
  parts: MeasuredParts,
  signal: AbortSignal,
): Promise<HostPair[]> {
  const { hosts, nodes, watch, probes } = parts;
  const firstOf = ({ spec }: OpenHost) => nodes.find((node) => node.host.name === spec.name);
  const targets = hosts
    .filter((other) => other !== host)
    .map((other) => ({ host: innerAddress(other.spec), port: firstOf(other)?.ports.peer ?? 0 }));
  const container = probes.get(host.spec.name) ?? watch.find(firstOf(host)?.name ?? "")?.containerId;
  const pairs = listPairs(host, parts);
  if (container === undefined || targets.length === 0) return pairs;
  // A crashed node cannot say: that fails.
  const limits = { signal, timeoutMs: linkTimeoutMs };
  const ways = await tryWays(host, container, { targets, patienceMs: 0, limits });
  return pairs.map((pair, i) => {
    const way = ways[i];
    return way?.state === "open" ? { ...pair, rttMs: way.rttMs } : pair;
  });
}
