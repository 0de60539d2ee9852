/** Data points of a peer: the metrics of the library, and further figures of the page. */
import type { Busyness } from "./busyness.ts";
import type { Connections } from "./connections.ts";
import type { OpenedPeer } from "./libraries/peer-library.ts";
import { MetricsWindows, type PeerMetrics } from "./metrics.ts";
import type { CountingPeer } from "./simulated-peer.ts";

export interface DataPoint {
  readonly metrics: PeerMetrics;
  readonly extra: Readonly<Record<string, number>>;
}

export interface DataPointSources {
  readonly peer: CountingPeer;
  readonly opened: OpenedPeer;
  readonly connections: Connections;
  readonly now: () => number;
}

export class DataPoints {
  readonly #sources: DataPointSources;
  readonly #startMs: number;
  readonly #windows: MetricsWindows;

  /** The test starts now. */
  constructor(sources: DataPointSources) {
    this.#sources = sources;
    this.#startMs = sources.now();
    this.#windows = new MetricsWindows(sources.opened.totals(), this.#startMs);
  }

  /** Ends a window. @param failedSubmissions data points before that the results server did not take */
  async next(busyness: Busyness, failedSubmissions: number): Promise<DataPoint> {
    const { peer, opened, connections, now } = this.#sources;
    const { roundTripMs, ...webrtc } = await connections.read();
    const nowMs = now();
    const figures = {
      totals: opened.totals(),
      connectedPeers: opened.connectedPeers(),
      knownPeersCount: opened.knownPeersCount(),
      position: peer.position,
    };
    const { sent, received, refused } = peer.messages;
    const extra = {
      elapsedMs: nowMs - this.#startMs,
      ...busyness,
      ...prefixed("webrtc", Object.entries(webrtc)),
      ...(roundTripMs === undefined ? {} : { webrtcRoundTripMs: roundTripMs }),
      ...prefixed("messagesSent", sent),
      ...prefixed("messagesReceived", received),
      refusedMessages: refused,
      failedSubmissions,
    };
    return { metrics: this.#windows.next(figures, nowMs), extra };
  }
}

/** "webrtc" and "bytesSent" are "webrtcBytesSent". */
function prefixed(prefix: string, figures: Iterable<readonly [string, number]>): Record<string, number> {
  const named = [...figures].map(
    ([name, value]) => [`${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`, value] as const,
  );
  return Object.fromEntries(named);
}
