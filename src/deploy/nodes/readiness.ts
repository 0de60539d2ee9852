import type {
  DeployOptions,
  Network,
  NetworkNode,
  NodeExit,
  NodeStatus,
} from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { NodeHealth, Protocol } from "../../contracts/protocol.ts";
import { delay, mapBounded } from "../../core/async.ts";
import type { Clock } from "../../core/clock.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { hasEnded, quoteLog } from "./exports.ts";

interface ReadinessOptions extends Pick<DeployOptions, "signal" | "emit"> {
  /** Upper bound; it is over as soon as all nodes are ready. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** A network that did not become ready, with the state and the last output of each node that is to blame. */
export class NotReadyError extends BaleenError {
  /** What each node lacks, "ready" for those that lack nothing. */
  readonly states: Readonly<Record<NodeName, string>>;
  /** Last log lines of the nodes that are not ready. */
  readonly logs: Readonly<Record<NodeName, string>>;

  constructor(
    why: string,
    states: Readonly<Record<NodeName, string>>,
    logs: Readonly<Record<NodeName, string>>,
  ) {
    const lines = Object.entries(states).flatMap(([node, state]) => [
      `  ${node}: ${state}`,
      ...quoteLog(logs[node] ?? ""),
    ]);
    super("not-ready", [why, ...lines].join("\n"));
    this.states = states;
    this.logs = logs;
  }
}

const probeEveryMs = 100;
const probeTimeoutMs = 1000;
const logLines = 10;
/** Of a node that has ended: many programs say how they are to be used behind what was wrong. */
const lastWordLines = 30;
const logsAtOnce = 16;

interface Progress {
  readonly node: NetworkNode;
  firstHeight?: number;
  height: number;
  state: string;
  phase: "waiting" | "ready" | "ended";
}

/**
 * Waits until every node answers, is connected to all the others, is not catching up, and commits: its height grows
 * from one probe to a later one. What a node does not tell is not waited for. A helper has to run, or to have ended
 * with code 0: its work is done.
 *
 * @throws NotReadyError after the limit, and at once where a node ends; the signal's reason on abort
 */
export async function waitUntilReady(
  network: Network,
  protocol: Pick<Protocol, "probe">,
  options: ReadinessOptions,
) {
  const startMs = options.clock.monotonicMs();
  const nodes = begin(network.nodes, "not answering", "waiting");
  // Nobody can ask helpers; whether one has ended is all that is known of them.
  const helpers = begin(network.helpers ?? [], "running", "ready");
  const all = [...nodes, ...helpers];
  const nodeEnded = new AbortController();
  // Exits from before are told while the listener is taken on. Such a node may run again: its state says so.
  let isBefore = true;
  const stopListening = network.onExit((exit) => {
    if (isBefore) return;
    if (exit.exitCode === 0 && helpers.some(({ node }) => node.name === exit.node)) return;
    const progress = all.find(({ node }) => node.name === exit.node);
    if (progress !== undefined) noteEnd(progress, exit);
    nodeEnded.abort();
  });
  isBefore = false;
  const limit = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, limit, nodeEnded.signal]);
  try {
    await Promise.all(helpers.map(noteEndBefore));
    if (helpers.some(({ phase }) => phase === "ended")) nodeEnded.abort();
    await Promise.all(
      nodes.map(async (progress) => {
        await watchNode(progress, { network, protocol, signal, emit: options.emit });
        if (progress.phase === "ended") nodeEnded.abort();
      }),
    );
  } finally {
    stopListening();
  }
  options.signal.throwIfAborted();
  if (all.some(({ phase }) => phase === "ended")) {
    throw await failure("A node ended before the network was ready. See its log.", all);
  }
  if (nodes.some(({ phase }) => phase === "waiting")) {
    const limitSecs = options.timeoutMs / 1000;
    throw await failure(`The network was not ready within ${limitSecs} s. A higher limit may help.`, nodes);
  }
  const readyAfterMs = options.clock.monotonicMs() - startMs;
  // The latest of each node.
  const heights = Object.fromEntries(nodes.map(({ node, height }) => [node.name, height]));
  return { readyAfterMs, heights };
}

function begin(nodes: readonly NetworkNode[], state: string, phase: Progress["phase"]): Progress[] {
  return nodes.map((node) => ({ node, height: 0, state, phase }));
}

interface Watch extends Pick<ReadinessOptions, "signal" | "emit"> {
  readonly network: Network;
  readonly protocol: Pick<Protocol, "probe">;
}

/** Probes one node until it is ready, has ended, or the watch is over; never rejects because of the node. */
async function watchNode(progress: Progress, watch: Watch): Promise<void> {
  const { node } = progress;
  const { network, protocol, signal } = watch;
  const probe = async () =>
    protocol.probe(network.endpoint(node.name, "coordinator", "rpc"), { timeoutMs: probeTimeoutMs, signal });
  while (progress.phase === "waiting" && !signal.aborted) {
    await probe().then(
      (health) => judge(progress, health, watch),
      async (error: unknown) => {
        if (!signal.aborted) noteSilence(progress, await node.status(), error);
      },
    );
    // Woken early by the end of the watch, which the condition above sees.
    if (progress.phase === "waiting") await delay(probeEveryMs, signal).catch(() => {});
  }
}

function noteSilence(progress: Progress, status: NodeStatus, error: unknown): void {
  if (hasEnded(status)) noteEnd(progress, status);
  else if (status.state === "paused") progress.state = "paused";
  else progress.state = `not answering (${describeError(error)})`;
}

function judge(progress: Progress, health: NodeHealth, { network, emit }: Watch): void {
  if (progress.phase !== "waiting") return;
  const peers = network.nodes.length - 1;
  const { height } = health;
  const connected = health.peers ?? peers;
  const at = height === undefined ? "" : ` at height ${height}`;
  if (height !== undefined) {
    progress.firstHeight ??= height;
    progress.height = height;
  }
  if (connected < peers) {
    progress.state = `${connected} of ${peers} peers${at}`;
  } else if (health.catchingUp) {
    progress.state = `catching up${at}`;
  } else if (height !== undefined && height <= (progress.firstHeight ?? 0)) {
    progress.state = `height stuck at ${height}`;
  } else {
    progress.state = "ready";
    progress.phase = "ready";
    const known = [
      ...(height === undefined ? [] : [`height ${height}`]),
      ...(health.peers === undefined ? [] : [`${health.peers} of ${peers} peers`]),
    ];
    const { name } = progress.node;
    const detail = known.length === 0 ? {} : { detail: known.join(", ") };
    emit({ type: "network-step", step: `${name} is ready`, ...detail, readyNode: name });
  }
}

async function noteEndBefore(progress: Progress): Promise<void> {
  const status = await progress.node.status();
  if (hasEnded(status) && status.exitCode !== 0) noteEnd(progress, status);
}

function noteEnd(progress: Progress, { exitCode, signal }: NodeStatus | NodeExit): void {
  progress.phase = "ended";
  if (typeof exitCode === "number") progress.state = `exited with code ${exitCode}`;
  else progress.state = typeof signal === "string" ? `ended by ${signal}` : "gone";
}

async function failure(why: string, nodes: readonly Progress[]): Promise<NotReadyError> {
  // Where one has ended, the others were only waiting for it.
  const toBlame = nodes.some(({ phase }) => phase === "ended") ? "ended" : "waiting";
  const tailLines = toBlame === "ended" ? lastWordLines : logLines;
  const logs = await mapBounded(nodes, logsAtOnce, async ({ node, phase }) => {
    if (phase !== toBlame) return [];
    return [[node.name, await node.logs({ tailLines }).catch(describeError)] as const];
  });
  const states = nodes.map(({ node, state }) => [node.name, state] as const);
  return new NotReadyError(why, Object.fromEntries(states), Object.fromEntries(logs.flat()));
}
