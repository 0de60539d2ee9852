/** One peer and its routine, from connecting to its results. */
import { BusynessMeter } from "./busyness.ts";
import type { Connections } from "./connections.ts";
import { DataPoints } from "./data-points.ts";
import { atDueTimes, pause } from "./due-times.ts";
import type { PeerLibrary } from "./libraries/peer-library.ts";
import type { DataPoint } from "./metrics.ts";
import type { PageParameters } from "./parameters.ts";
import { peerRecord } from "./peer-record.ts";
import { insist, type Outcome, ResultsServer } from "./results-server.ts";
import type { CreateRoutine } from "./routines/routine.ts";
import { CountingPeer, randomId } from "./simulated-peer.ts";
import { pageClock, Ticker } from "./ticker.ts";

export type Stage = "connecting" | "waiting" | "running" | "ended";

/** What the page shows. */
export interface Progress extends Partial<DataPoint> {
  readonly stage: Stage;
  readonly peerId: string;
}

export interface TestPeerParts {
  readonly library: PeerLibrary;
  readonly createRoutine: CreateRoutine;
  readonly connections: Connections;
  readonly onProgress: (progress: Progress) => void;
  /** Called twice a second, until the routine ends. @param count peers to which it is connected */
  readonly onConnected: (count: number) => void;
}

const pollEveryMs = 500;
/** Others may have learned of the start so much later as they ask, and their last messages take time to arrive. */
const settleMs = 1_500;

/**
 * Opens a peer, waits until its test is started, runs the routine, submits what the library counted, and reports which
 * messages arrived. It sends nothing before the start and nothing after the end.
 *
 * @throws Error where the lighthouse does not accept the peer, or the routine fails
 */
export async function runTestPeer(parameters: PageParameters, parts: TestPeerParts): Promise<void> {
  const { testId, statsServerUrl } = parameters;
  const server = testId === undefined ? undefined : new ResultsServer(statsServerUrl, testId);
  const peer = new CountingPeer(parameters.peerId ?? randomId());
  const peerId = peer.id;
  parts.onProgress({ stage: "connecting", peerId });
  const opened = await peer.open(parts.library, parameters);
  parts.onProgress({ stage: "waiting", peerId });
  const poll = () => {
    parts.onConnected(opened.connectedPeers().length);
    return server?.state();
  };
  for (;;) {
    const state = await poll();
    if (state === undefined || state === "started") break;
    if (state === "finished") throw new Error("The test was finished before this peer began.");
    await pause(pollEveryMs);
  }

  const { now } = pageClock;
  const points = new DataPoints({ peer, opened, connections: parts.connections, now });
  const ticker = new Ticker(pageClock);
  using meter = new BusynessMeter(ticker, now());
  let failedSubmissions = 0;
  const submit = async () => {
    const point = await points.next(meter.take(now()), failedSubmissions);
    parts.onProgress({ stage: "running", peerId, ...point });
    if (server !== undefined && (await server.submit(peerId, point)) !== "taken") failedSubmissions++;
  };
  const stopIfFinished = async () => {
    if ((await poll()) === "finished") ticker.stop();
  };

  const ended = new AbortController();
  const { signal } = ended;
  const { testDurationMs, statsSubmitIntervalMs, messagesPerSec } = parameters;
  const beside = Promise.all([
    atDueTimes({ everyMs: statsSubmitIntervalMs, testDurationMs, signal }, submit),
    atDueTimes({ everyMs: pollEveryMs, testDurationMs, signal }, stopIfFinished),
  ]);
  parts.onProgress({ stage: "running", peerId });
  const routine = parts.createRoutine(peer, { messagesPerSec });
  try {
    await ticker.run(testDurationMs, (elapsedMs, deltaMs) => routine(elapsedMs, deltaMs, peer));
  } finally {
    ended.abort();
  }
  const elapsedMs = points.elapsedMs();
  const busynessAtEnd = meter.take(now());
  await beside;
  await pause(settleMs);

  const last = await points.next(busynessAtEnd, failedSubmissions);
  const record = peerRecord(peer, { routine: parameters.routine, elapsedMs });
  parts.onProgress({ stage: "running", peerId, ...last });
  const finish = async (send: () => Promise<Outcome>) => {
    if ((await insist(send)) !== "taken") failedSubmissions++;
  };
  if (server !== undefined) {
    await finish(() => server.submit(peerId, last));
    await finish(() => server.report(peerId, record));
  }
  parts.onProgress({ stage: "ended", peerId, ...last, extra: { ...last.extra, failedSubmissions } });
}
