/** What a peer reports of its messages when its test ends, as `peerRecordForm` has it. Pure. */
import { kindNames, mostKinds } from "../../../contracts/peer-tests/bounds.ts";
import type { PeerRecord } from "../../../contracts/peer-tests/peer-record.ts";
import type { Deliveries } from "./deliveries.ts";
import type { CountingPeer } from "./simulated-peer.ts";

export interface TestRun {
  /** Name of the routine. */
  readonly routine: string;
  readonly elapsedMs: number;
}

/** A copy of what the peer counted so far. Kinds whose name cannot stand there are part of the totals only. */
export function peerRecord(
  { sent, refused, kinds, deliveries }: CountingPeer,
  { routine, elapsedMs }: TestRun,
): PeerRecord {
  const told = [...kinds].filter(([name]) => kindNames.test(name)).slice(0, mostKinds);
  return {
    ...{ routine, elapsedMs, sent, refused, ...deliveries.total, early: deliveries.early },
    kinds: Object.fromEntries(told),
    latency: latencyOf(deliveries),
  };
}

function latencyOf({ latency }: Deliveries): PeerRecord["latency"] {
  const { count, minUs, maxUs } = latency.measured;
  if (minUs === undefined || maxUs === undefined) return undefined;
  const { sumUs, sumOfSquaresUs } = latency;
  const buckets: (readonly [number, number])[] = [];
  latency.measured.forEach((lowestUs, _highestUs, times) => {
    buckets.push([lowestUs, times]);
  });
  return { count, sumUs, sumOfSquaresUs, minUs, maxUs, buckets };
}
