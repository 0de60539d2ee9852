/** One peer and its routine, from connecting to the last data point. */
import { BusynessMeter } from "./busyness.ts";
import type { Connections } from "./connections.ts";
import type { OpenedPeer, PeerLibrary, ReceivedMessage } from "./libraries/peer-library.ts";
import { MetricsWindows, type PeerMetrics } from "./metrics.ts";
import type { PageParameters } from "./parameters.ts";
import { decodePosition } from "./payloads.ts";
import { ResultsServer } from "./results-server.ts";
import type { CreateRoutine, MessageKind, Position, SimulatedPeer } from "./routines/routine.ts";
import { pageClock, Ticker } from "./ticker.ts";

export type Stage = "connecting" | "waiting" | "running" | "ended";

/** What the page shows. */
export interface Progress {
  readonly stage: Stage;
  readonly peerId: string;
  readonly elapsedMs: number;
  readonly metrics?: PeerMetrics | undefined;
  readonly extra?: Readonly<Record<string, number>> | undefined;
}

export interface TestPeerParts {
  readonly library: PeerLibrary;
  readonly createRoutine: CreateRoutine;
  readonly connections: Connections;
  readonly onProgress: (progress: Progress) => void;
}

const layer = "blue";
const room = "room";
const pollEveryMs = 500;
/** What was sent last is still on its way to this peer. */
const settleMs = 500;

/** Messages of each kind. */
type Counts = Map<string, number>;

/**
 * Opens a peer, waits until its test is started, runs the routine, and submits what the library counted. It sends
 * nothing before the start and nothing after the end.
 *
 * @throws Error where the lighthouse does not accept the peer, or the routine fails
 */
export async function runTestPeer(parameters: PageParameters, parts: TestPeerParts): Promise<void> {
  const { testId, statsServerUrl } = parameters;
  const server = testId === undefined ? undefined : new ResultsServer(statsServerUrl, testId);
  const id = parameters.peerId ?? randomId();
  const report = (stage: Stage) => parts.onProgress({ stage, peerId: id, elapsedMs: 0 });
  report("connecting");
  const sent: Counts = new Map();
  const received: Counts = new Map();
  let position = randomPlace();
  let peer: OpenedPeer | undefined;
  const receive = ({ from, kind, payload }: ReceivedMessage) => {
    count(received, kind);
    const theirs = decodePosition(payload);
    if (theirs !== undefined) peer?.keepPosition(from, theirs);
  };
  peer = await parts.library.openPeer({
    ...parameters,
    peerId: id,
    position: () => position,
    onMessage: receive,
  });
  const opened = peer;
  await opened.join(layer, room);

  report("waiting");
  while (server !== undefined && (await server.state()) !== "started") await pause(pollEveryMs);

  let refusedMessages = 0;
  const simulated: SimulatedPeer = {
    id,
    get position() {
      return position;
    },
    set position(next: Position) {
      position = next;
    },
    send(kind: MessageKind, payload: Uint8Array) {
      count(sent, kind.name);
      opened.send(room, kind, payload).catch(() => {
        refusedMessages++;
      });
    },
  };
  const startMs = pageClock.now();
  const ticker = new Ticker(pageClock);
  const windows = new MetricsWindows(opened.totals(), startMs);
  using busyness = new BusynessMeter(ticker, startMs);
  let failedSubmissions = 0;
  const submit = async (stage: Stage) => {
    const { roundTripMs, ...webrtc } = await parts.connections.read();
    const nowMs = pageClock.now();
    const figures = {
      totals: opened.totals(),
      connectedPeers: opened.connectedPeers(),
      knownPeersCount: opened.knownPeersCount(),
      position,
    };
    const metrics = windows.next(figures, nowMs);
    const extra = {
      elapsedMs: nowMs - startMs,
      ...busyness.take(nowMs),
      ...named("webrtc", roundTripMs === undefined ? webrtc : { ...webrtc, roundTripMs }),
      ...named("messagesSent", Object.fromEntries(sent)),
      ...named("messagesReceived", Object.fromEntries(received)),
      refusedMessages,
      failedSubmissions,
    };
    parts.onProgress({ stage, peerId: id, elapsedMs: extra.elapsedMs, metrics, extra });
    if (server !== undefined && !(await server.submit(id, metrics, extra))) failedSubmissions++;
  };

  const routine = parts.createRoutine(simulated);
  const ended = new AbortController();
  const running = ticker.run(parameters.testDurationMs, (elapsedMs, deltaMs) =>
    routine(elapsedMs, deltaMs, simulated),
  );
  const side = [
    every(parameters.statsSubmitIntervalMs, ended.signal, () => submit("running")),
    server === undefined
      ? undefined
      : every(pollEveryMs, ended.signal, async () => {
          if ((await server.state()) === "finished") ticker.stop();
        }),
  ];
  try {
    await running;
  } finally {
    ended.abort();
  }
  await Promise.all(side);
  await pause(settleMs);
  await submit("ended");
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const count = (counts: Counts, kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1);

/** `named("webrtc", { bytesSent: 3 })` is `{ webrtcBytesSent: 3 }`. */
function named(prefix: string, figures: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(figures);
  return Object.fromEntries(
    entries.map(([name, value]) => [`${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]),
  );
}

/** Acts at due times, one after the other, until the signal aborts. */
async function every(everyMs: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  const startMs = pageClock.now();
  const over = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  for (
    let due = 1;
    !signal.aborted;
    due = Math.max(due, Math.floor((pageClock.now() - startMs) / everyMs)) + 1
  ) {
    await Promise.race([pause(startMs + due * everyMs - pageClock.now()), over]);
    if (!signal.aborted) await act();
  }
}

/** As long as the address of an Ethereum wallet, which the library's users have for an id. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** So near the origin that any two peers are in reach of each other, by the rules of the lighthouse. */
function randomPlace(): Position {
  const [angle = 0, distance = 0] = crypto.getRandomValues(new Uint32Array(2));
  const metres = 32 * Math.sqrt(distance / 2 ** 32);
  const radians = (2 * Math.PI * angle) / 2 ** 32;
  return [metres * Math.cos(radians), 0, metres * Math.sin(radians)];
}
