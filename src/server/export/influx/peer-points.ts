/** Points of tests of peers. */
import { packetMetrics } from "../../../contracts/peer-tests/metrics.ts";
import type { RelayedPoint } from "../../peer-tests/peer-tests.ts";
import type { InfluxPoint } from "./line-protocol.ts";

/** Fields have the names of the results; those of `extra` begin with "extra_", so that none takes another's place. */
export function peerPoint({ testId, peerId, atMs, metrics }: RelayedPoint): InfluxPoint {
  const [x, y, z] = metrics.position;
  const extra = Object.entries(metrics.extra ?? {}).map(([name, value]) => [`extra_${name}`, value] as const);
  return {
    measurement: "baleen_peer",
    tags: { test: testId, peer: peerId },
    fields: {
      ...Object.fromEntries(packetMetrics.map((name) => [name, metrics[name]])),
      connectedPeersCount: metrics.connectedPeers.length,
      knownPeersCount: metrics.knownPeersCount,
      ...{ x, y, z },
      ...Object.fromEntries(extra),
    },
    atMs,
  };
}
