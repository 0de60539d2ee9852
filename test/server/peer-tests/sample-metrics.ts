import { type PeerMetrics, packetMetrics } from "../../../src/contracts/peer-tests/metrics.ts";

/** What a peer reports, every figure another one; `sent` as given. */
export function metricsOf(sent: number, more: Partial<PeerMetrics> = {}): PeerMetrics {
  const figures = Object.fromEntries(packetMetrics.map((name, index) => [name, index / 4]));
  const others = { connectedPeers: ["peer-b", "0xAb:1"], knownPeersCount: 3, position: [-1.5, 0, 16] };
  return { ...figures, ...others, sent, ...more } as PeerMetrics;
}
