/** Data points of a peer: the metrics of the library, and further figures of the page. */
import { metricsLimits } from "../../../contracts/peer-tests/bounds.ts";
import type { Busyness } from "./busyness.ts";
import type { Connections } from "./connections.ts";
import { capitalized, kindFigures } from "./kind-figures.ts";
import type { OpenedPeer } from "./libraries/peer-library.ts";
import { type DataPoint, MetricsWindows } from "./metrics.ts";
import type { CountingPeer } from "./simulated-peer.ts";

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

  /** Since the start. */
  elapsedMs(): number {
    return this.#sources.now() - this.#startMs;
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
    const { delivered, repeated } = peer.deliveries.total;
    const window = peer.deliveries.takeWindow();
    const extra = {
      elapsedMs: nowMs - this.#startMs,
      ...busyness,
      ...Object.fromEntries(
        Object.entries(webrtc).map(([name, value]) => [capitalized("webrtc", name), value]),
      ),
      ...(roundTripMs === undefined ? {} : { webrtcRoundTripMs: roundTripMs }),
      deliveredMessages: delivered,
      repeatedMessages: repeated,
      ...(window === undefined ? {} : { deliveryMeanMs: window.meanMs, deliveryMaxMs: window.maxMs }),
      refusedMessages: peer.refused,
      failedSubmissions,
    };
    const most = metricsLimits.extra - Object.keys(extra).length;
    return {
      metrics: this.#windows.next(figures, nowMs),
      extra: { ...extra, ...kindFigures(peer.kinds, most) },
    };
  }
}
