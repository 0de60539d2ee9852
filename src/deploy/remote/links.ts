/** What the way between the hosts is like: whether it is open, and how long it takes. */
import { once } from "node:events";
import { connect } from "node:net";
import type { HostLink, HostPair, LinkReport } from "../../contracts/nodes/links.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { mapBounded, untilAborted } from "../../core/async.ts";
import { systemClock } from "../../core/clock.ts";
import { BaleenError } from "../../core/errors.ts";
import type { CommandResult } from "../../core/process/command.ts";
import { describeSpeaker } from "../../core/text/speech.ts";
import type { Engine } from "../engine/engine.ts";
import type { ExecOptions } from "../engine/exec.ts";
import { measureClock } from "../provision/clock.ts";
import { innerAddress } from "./layout.ts";
import type { RemoteParts } from "./parts.ts";
import { hostsAtOnce, type OpenHost } from "./session.ts";

/** Connections that are tried one after the other, unless the caller asks for more. */
const attempts = 5;
const connectTimeoutMs = 3_000;
/** Node.js in the nodes' image. */
export const nodePath = "/usr/local/bin/node";

/** One way, as somebody at its beginning saw it. */
type Way =
  | {
      readonly state: "open";
      /** Of each handshake; at least one. */
      readonly rttsMs: readonly number[];
    }
  | { readonly state: "blocked"; readonly why: string };

/** A place to be reached; with `word`, what the listener says that stands there alone. */
export interface WayTarget extends Pick<Endpoint, "host" | "port"> {
  readonly word?: string | undefined;
}

/**
 * Program for `node -e` on a host: connects to each target given as JSON in its first argument, and prints what it
 * saw as JSON, in their order. A TCP handshake takes one round trip. Where a target has a word, only who says it is the
 * one that is meant. For as many milliseconds as the second argument says, who refuses or says nothing is tried again:
 * it may only just be starting, behind a proxy that is there already. The third says how many handshakes there are, one
 * after the other, the fourth how many targets are tried at once.
 */
const wayProgram = `
const { connect } = require("node:net");
const attempt = ({ word, ...target }) => new Promise((resolve) => {
  const startMs = performance.now();
  const socket = connect({ ...target, timeout: ${connectTimeoutMs} });
  const end = (seen) => { socket.destroy(); resolve(seen); };
  let rttMs;
  let said = Buffer.alloc(0);
  const stranger = () => end({ state: "stranger", said: said.toString("hex", 0, 64) });
  socket.on("connect", () => {
    rttMs = performance.now() - startMs;
    if (word === undefined) end({ state: "open", rttMs });
    // So that a web server says what it is.
    else socket.write("who is there?\\r\\n\\r\\n");
  });
  socket.on("data", (chunk) => {
    said = Buffer.concat([said, chunk]);
    if (said.toString("latin1") === word) end({ state: "open", rttMs });
    else if (said.length >= word.length) stranger();
  });
  socket.on("end", stranger);
  socket.on("timeout", () => {
    if (rttMs === undefined) end({ state: "blocked", why: "no answer within ${connectTimeoutMs / 1000} s" });
    else stranger();
  });
  socket.on("error", (error) => {
    if (rttMs === undefined) end({ state: "blocked", why: error.code || error.message });
    else stranger();
  });
});
const mayOnlyBegin = (seen) => seen.why === "ECONNREFUSED" || seen.said === "";
const [patienceMs, handshakes, atOnce] = process.argv.slice(2).map(Number);
const measure = async (target) => {
  const endMs = performance.now() + patienceMs;
  let seen = await attempt(target);
  while (mayOnlyBegin(seen) && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    seen = await attempt(target);
  }
  if (seen.state !== "open") return seen;
  const rttsMs = [seen.rttMs];
  for (let i = 1; i < handshakes; i++) {
    const next = await attempt(target);
    if (next.state === "open") rttsMs.push(next.rttMs);
  }
  return { state: "open", rttsMs };
};
const ways = [];
const queue = JSON.parse(process.argv[1]).entries();
const work = async () => { for (const [place, target] of queue) ways[place] = await measure(target); };
Promise.all(Array.from({ length: atOnce }, work)).then(() => console.log(JSON.stringify(ways)));
`;

/**
 * Program for `node -e`: says the word of its first argument to whoever connects to one of the ports in the others,
 * until it is ended.
 */
const doorProgram = `
const [word, ...ports] = process.argv.slice(1);
const greet = (socket) => { socket.on("error", () => {}); socket.resume(); socket.end(word); };
for (const port of ports) require("node:net").createServer(greet).listen(Number(port), "0.0.0.0");
process.on("SIGTERM", () => process.exit());
`;

/** Command that does nothing, until it is ended or has stood for so long. */
export function buildIdleArgv(longestMs: number): readonly string[] {
  const program = `process.on("SIGTERM", () => process.exit()); setTimeout(() => {}, Number(process.argv[1]));`;
  return [nodePath, "-e", program, String(longestMs)];
}

/** Command that listens at ports until it is ended. */
export function buildDoorArgv(word: string, ports: readonly number[]): readonly string[] {
  return [nodePath, "-e", doorProgram, word, ...ports.map(String)];
}

export interface WayLimits extends ExecOptions {
  /** How long who refuses is tried again. */
  readonly patienceMs: number;
  /** Of each way; default 5. */
  readonly handshakes?: number | undefined;
  /** Targets that are tried at once; default: all. */
  readonly atOnce?: number | undefined;
}

/**
 * Tries ways from where `run` runs a command with Node.js.
 *
 * @param from for people: whose ways they are
 * @returns in the order of the targets
 * @throws BaleenError where they could not be tried; SyntaxError, TypeError where it answers with something else
 */
export async function tryWays(
  from: string,
  targets: readonly WayTarget[],
  limits: WayLimits,
  run: (argv: readonly string[], limits: ExecOptions) => Promise<CommandResult>,
): Promise<Way[]> {
  const places = targets.map(({ host, port, word }) => ({ host, port, word }));
  const { patienceMs, handshakes = attempts, atOnce = targets.length } = limits;
  const numbers = [patienceMs, handshakes, atOnce].map(String);
  const argv = [nodePath, "-e", wayProgram, JSON.stringify(places), ...numbers];
  const { stdout, stderr, exitCode } = await run(argv, limits);
  if (exitCode !== 0) {
    const message = `${from} could not try the connections to the other hosts: ${stderr.trim()}`;
    throw new BaleenError("way-check", message);
  }
  const ways: unknown = JSON.parse(stdout);
  if (!Array.isArray(ways) || ways.length !== targets.length) {
    throw new TypeError(`not ${targets.length} ways: ${stdout}`);
  }
  return ways.map(parseWay);
}

function parseWay(way: Partial<Record<string, unknown>>): Way {
  const { rttsMs } = way;
  if (way.state === "open" && Array.isArray(rttsMs) && rttsMs.length > 0) {
    if (rttsMs.every((rttMs) => typeof rttMs === "number")) return { state: "open", rttsMs };
  }
  if (way.state === "blocked") return { state: "blocked", why: String(way.why) };
  if (way.state === "stranger") {
    const who = describeSpeaker(Buffer.from(String(way.said), "hex")) ?? "another program answers there";
    return { state: "blocked", why: `${who}, not the listener that Baleen started` };
  }
  throw new TypeError(`not a way: ${JSON.stringify(way)}`);
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

type MeasuredParts = Pick<RemoteParts, "hosts" | "nodes" | "watch" | "links"> & {
  /** Containers with Node.js, by host, where the nodes' own have none or their links are emulated. */
  readonly probes: ReadonlyMap<string, string>;
};

/**
 * What cannot be measured, such as all of a host that is gone, has no figure. Emulated links are not seen: what is
 * measured is the path below them.
 */
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

/**
 * Round trips from a host to each other one: to the containers that are their first nodes. Where links are emulated, all
 * that nodes send and receive waits, so it is to the SSH servers then, from containers that are no nodes.
 */
async function measurePairs(
  host: OpenHost<Engine>,
  parts: MeasuredParts,
  signal: AbortSignal,
): Promise<HostPair[]> {
  const { hosts, nodes, watch, probes, links } = parts;
  const isShaped = links !== undefined;
  const firstOf = ({ spec }: OpenHost) => nodes.find((node) => node.host.name === spec.name);
  const targets = hosts
    .filter((other) => other !== host)
    .map((other) => ({
      host: innerAddress(other.spec),
      port: isShaped ? other.spec.address.port : (firstOf(other)?.ports.peer ?? 0),
    }));
  const node = isShaped ? undefined : watch.find(firstOf(host)?.name ?? "");
  const container = probes.get(host.spec.name) ?? node?.containerId;
  const pairs = listPairs(host, parts);
  if (container === undefined || targets.length === 0) return pairs;
  // A crashed node cannot say: that fails.
  const limits = { signal, timeoutMs: linkTimeoutMs, patienceMs: 0 };
  const ways = await tryWays(host.spec.name, targets, limits, (argv, most) =>
    host.engine.execIn(container, argv, most),
  );
  return pairs.map((pair, i) => {
    const way = ways[i];
    // The quickest counts: the nodes compete for the cores.
    return way?.state === "open" ? { ...pair, rttMs: Math.min(...way.rttsMs) } : pair;
  });
}
