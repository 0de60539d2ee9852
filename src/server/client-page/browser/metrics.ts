/** From a library's totals to the metrics of a data point. Pure. */
import { families, type PacketFigure } from "../../../contracts/peer-tests/packets.ts";
import type { PacketTotal, PacketTotals } from "./libraries/peer-library.ts";
import type { Position } from "./routines/routine.ts";

export interface PeerFigures {
  readonly totals: PacketTotals;
  readonly connectedPeers: readonly string[];
  readonly knownPeersCount: number;
  readonly position: Position;
}

/** By the names of the results server: seven of each family, and those of the peer. */
export type PeerMetrics = Readonly<Record<string, number | readonly string[] | Position>>;

/** What the page submits. */
export interface DataPoint {
  readonly metrics: PeerMetrics;
  /** Further figures. */
  readonly extra: Readonly<Record<string, number>>;
}

const nothing: PacketTotal = { packets: 0, bytes: 0 };

/** Metrics since the start of a test, window by window. */
export class MetricsWindows {
  readonly #start: PacketTotals;
  #last: PacketTotals;
  #lastMs: number;

  /** @param totals of all that was before the start, which counts for nothing */
  constructor(totals: PacketTotals, nowMs: number) {
    this.#start = totals;
    this.#last = totals;
    this.#lastMs = nowMs;
  }

  /** Ends the window, and begins the next. Rates are per second of the window; sizes count from the start. */
  next({ totals, connectedPeers, knownPeersCount, position }: PeerFigures, nowMs: number): PeerMetrics {
    const elapsedMs = nowMs - this.#lastMs;
    const perSecond = (count: number) => (elapsedMs > 0 ? (count * 1000) / elapsedMs : 0);
    const metrics: Record<string, number> = {};
    for (const family of families) {
      const now = totals[family];
      const window = minus(now, this.#last[family]);
      const total = minus(now, this.#start[family]);
      const figures: Readonly<Record<PacketFigure, number>> = {
        "": window.packets,
        Total: total.packets,
        PerSecond: perSecond(window.packets),
        Bytes: window.bytes,
        TotalBytes: total.bytes,
        BytesPerSecond: perSecond(window.bytes),
        AveragePacketSize: total.packets > 0 ? total.bytes / total.packets : 0,
      };
      for (const [figure, value] of Object.entries(figures)) metrics[`${family}${figure}`] = value;
    }
    this.#last = totals;
    this.#lastMs = nowMs;
    return { ...metrics, connectedPeers, knownPeersCount, position };
  }
}

function minus(total: PacketTotal, before: PacketTotal = nothing): PacketTotal {
  return { packets: total.packets - before.packets, bytes: total.bytes - before.bytes };
}
