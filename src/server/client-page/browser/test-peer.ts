/** One peer and its routine, from connecting to the last data point. */
import { type Busyness, BusynessMeter } from "./busyness.ts";
import type { Connections } from "./connections.ts";
import { type DataPoint, DataPoints } from "./data-points.ts";
import { atDueTimes, pause } from "./due-times.ts";
import type { PeerLibrary } from "./libraries/peer-library.ts";
import type { PageParameters } from "./parameters.ts";
import { ResultsServer } from "./results-server.ts";
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
}

const pollEveryMs = 500;
/** At the end, the last messages of others are still on their way to this peer. */
const settleMs = 500;

/**
 * Opens a peer, waits until its test is started, runs the routine, and submits what the library counted. It sends
 * nothing before the start and nothing after the end.
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
  while (server !== undefined && (await server.state()) !== "started") await pause(pollEveryMs);

  const { now } = pageClock;
  const points = new DataPoints({ peer, opened, connections: parts.connections, now });
  const ticker = new Ticker(pageClock);
  using meter = new BusynessMeter(ticker, now());
  let failedSubmissions = 0;
  const submit = async (stage: Stage, busyness: Busyness) => {
    const point = await points.next(busyness, failedSubmissions);
    parts.onProgress({ stage, peerId, ...point });
    if (server !== undefined && !(await server.submit(peerId, point))) failedSubmissions++;
  };
  const stopIfFinished = async () => {
    if ((await server?.state()) === "finished") ticker.stop();
  };

  const ended = new AbortController();
  const { signal } = ended;
  const { testDurationMs, statsSubmitIntervalMs } = parameters;
  const beside = Promise.all([
    atDueTimes({ everyMs: statsSubmitIntervalMs, testDurationMs, signal }, () =>
      submit("running", meter.take(now())),
    ),
    atDueTimes({ everyMs: pollEveryMs, testDurationMs, signal }, stopIfFinished),
  ]);
  parts.onProgress({ stage: "running", peerId });
  const routine = parts.createRoutine(peer);
  try {
    await ticker.run(testDurationMs, (elapsedMs, deltaMs) => routine(elapsedMs, deltaMs, peer));
  } finally {
    ended.abort();
  }
  const busynessAtEnd = meter.take(now());
  await beside;
  await pause(settleMs);
  await submit("ended", busynessAtEnd);
}
