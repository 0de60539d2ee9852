/** Results of a test as browsers report them, made by hand. */
import type { PeerMetrics } from "../../../../src/contracts/peer-tests/metrics.ts";
import {
  families,
  type PacketFamily,
  type PacketFigure,
  type PacketMetric,
} from "../../../../src/contracts/peer-tests/packets.ts";
import type { PeerRecord } from "../../../../src/contracts/peer-tests/peer-record.ts";
import { peerRecordForm } from "../../../../src/contracts/peer-tests/peer-record.ts";
import type { TestResults } from "../../../../src/contracts/peer-tests/results.ts";
import { writeForm } from "../../../../src/core/documents/write-form.ts";
import { LatencyRecord } from "../../../../src/metrics/stats/latency-record.ts";

export interface SamplePoint {
  readonly elapsedMs: number;
  /** Packets in the window, and their total; 100 bytes each. */
  readonly packets: Readonly<Partial<Record<PacketFamily, readonly [number, number]>>>;
  readonly extra?: Readonly<Record<string, number>>;
  readonly connectedPeers?: readonly string[];
}

export function metricsOf({ elapsedMs, packets, extra, connectedPeers = ["b"] }: SamplePoint): PeerMetrics {
  const figures = families.flatMap((family) => {
    const [now, total] = packets[family] ?? [0, 0];
    const values: Readonly<Record<PacketFigure, number>> = {
      "": now,
      Total: total,
      PerSecond: now / 2,
      Bytes: now * 100,
      TotalBytes: total * 100,
      BytesPerSecond: now * 50,
      AveragePacketSize: total > 0 ? 100 : 0,
    };
    return Object.entries(values).map(([figure, value]) => [`${family}${figure}`, value] as const);
  });
  return {
    ...(Object.fromEntries(figures) as Record<PacketMetric, number>),
    connectedPeers,
    knownPeersCount: connectedPeers.length,
    position: [0, 0, 0],
    extra: { elapsedMs, ...extra },
  };
}

/** @param latenciesUs one for each message that was delivered */
export function recordOf(
  { sent, repeated = 0 }: { readonly sent: number; readonly repeated?: number },
  latenciesUs: readonly number[],
): PeerRecord {
  const record = new LatencyRecord();
  for (const us of latenciesUs) record.record(us);
  const { measured, sumUs, sumOfSquaresUs } = record;
  const buckets: number[][] = [];
  measured.forEach((lowest, _highest, times) => {
    buckets.push([lowest, times]);
  });
  const delivered = latenciesUs.length;
  return {
    ...{ routine: "comms", elapsedMs: 4_000, sent, refused: 0, delivered, repeated, early: 0 },
    kinds: { position: { sent, delivered, repeated } },
    latency: {
      ...{ count: delivered, sumUs, sumOfSquaresUs, buckets },
      minUs: measured.minUs ?? 0,
      maxUs: measured.maxUs ?? 0,
    },
  };
}

export function testOf(
  peers: Readonly<Record<string, { readonly points: readonly SamplePoint[]; readonly record?: PeerRecord }>>,
): TestResults {
  return {
    id: "sample",
    dataPoints: Object.entries(peers).flatMap(([peerId, { points }]) =>
      points.map((point) => ({ peerId, timestamp: point.elapsedMs, metrics: metricsOf(point) })),
    ),
    results: Object.fromEntries(
      Object.entries(peers).flatMap(([name, { record }]) =>
        record === undefined ? [] : [[name, { ...writeForm(peerRecordForm, record), timestamp: 1 }]],
      ),
    ),
  };
}
