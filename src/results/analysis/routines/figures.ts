/** All that is published of a run's routines, from the results of its test. Pure. */
import { families, type PacketFamily } from "../../../contracts/peer-tests/packets.ts";
import { type PeerRecord, peerRecordForm } from "../../../contracts/peer-tests/peer-record.ts";
import type { DataPoint, TestResults } from "../../../contracts/peer-tests/results.ts";
import type { LatencySummary } from "../../../contracts/results/latency.ts";
import type { NativeFigures } from "../../../contracts/results/native/native.ts";
import type {
  MessageKindFigures,
  PacketFamilyFigures,
  RoutineFigures,
  RoutinePeer,
} from "../../../contracts/results/native/routines.ts";
import { tryForm } from "../../../core/documents/check-form.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { meanInterval } from "../../../metrics/stats/confidence.ts";
import { Histogram } from "../../../metrics/stats/histogram.ts";
import { LatencyRecord, summarizeLatency } from "../../../metrics/stats/latency-record.ts";
import { meanOf } from "../../../metrics/stats/sample.ts";
import { busynessOf, extraOf, stepsOf } from "./steps.ts";
import type { RoutineUse } from "./use.ts";

/** What is known of one peer. */
interface Known {
  readonly name: string;
  readonly points: readonly DataPoint[];
  readonly record: PeerRecord | undefined;
}

export function routineFigures(test: TestResults, use: RoutineUse): RoutineFigures {
  const pointsOf = Map.groupBy(test.dataPoints, ({ peerId }) => peerId);
  const known = use.peers.map(
    (name): Known => ({
      name,
      points: pointsOf.get(name) ?? [],
      record: recordOf(test, name),
    }),
  );
  const records = known.flatMap(({ record }) => record ?? []);
  const others = use.peers.length - 1;
  return {
    testId: test.id,
    points: test.dataPoints.length,
    sent: sumOf(records, ({ sent }) => sent),
    deliveries: deliveriesOf(records, others),
    repeated: sumOf(records, ({ repeated }) => repeated),
    latency: use.isOneMachine && others > 0 ? latencyOf(records) : undefined,
    kinds: kindsOf(records, others),
    families: families.map((family) => familyOf(family, known, use.lengthSecs)),
    peers: known.map((peer) => peerOf(peer, use.lengthSecs)),
    steps: stepsOf(
      known.map(({ points }) => points),
      use,
    ),
  };
}

/** What routines come to in the figures that all loads of nodes have. */
export function figuresOfRoutines(routines: RoutineFigures, windowSecs: number): NativeFigures {
  const others = routines.peers.length - 1;
  // Of one peer alone nothing can arrive elsewhere.
  const committed = others === 0 ? routines.sent : routines.deliveries.delivered / others;
  return {
    committed: Math.floor(committed),
    throughputTps: committed / windowSecs,
    submitted: routines.sent,
    submittedTps: routines.sent / windowSecs,
    notShown: [],
    nodes: [],
    seconds: [],
    routines,
  };
}

/** undefined where the peer reported none, or another one than the client page does. */
function recordOf({ results }: TestResults, name: string): PeerRecord | undefined {
  const { timestamp: _, ...found } = results?.[name] ?? {};
  const read = tryForm(peerRecordForm, found);
  return "value" in read && isConsistent(read.value) ? read.value : undefined;
}

/** A report that contradicts itself is no other peer's trouble. */
function isConsistent(record: PeerRecord): boolean {
  try {
    return latencyOf([record]).count === (record.latency?.count ?? 0);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return false;
    throw error;
  }
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number) =>
  items.reduce((sum, item) => sum + of(item), 0);

/** Each message is for all others. */
function deliveriesOf(
  counts: readonly { readonly sent: number; readonly delivered: number }[],
  others: number,
): RoutineFigures["deliveries"] {
  const expected = others * sumOf(counts, ({ sent }) => sent);
  const delivered = sumOf(counts, (one) => one.delivered);
  return { expected, delivered, missing: Math.max(0, expected - delivered) };
}

function kindsOf(records: readonly PeerRecord[], others: number): MessageKindFigures[] {
  const names = [...new Set(records.flatMap(({ kinds }) => Object.keys(kinds)))].sort();
  return names.map((kind) => {
    const counts = records.flatMap(({ kinds }) => kinds[kind] ?? []);
    return {
      kind,
      sent: sumOf(counts, ({ sent }) => sent),
      ...deliveriesOf(counts, others),
      repeated: sumOf(counts, ({ repeated }) => repeated),
    };
  });
}

function latencyOf(records: readonly PeerRecord[]): LatencySummary {
  const all = records.flatMap(({ latency }) => {
    if (latency === undefined || latency.count === 0) return [];
    const measured = new Histogram();
    for (const [lowestUs = 0, times = 0] of latency.buckets) measured.add(lowestUs, times);
    measured.setExtremes(latency.minUs, latency.maxUs);
    return LatencyRecord.restore({ ...latency, measured, censored: new Histogram() });
  });
  return summarizeLatency(LatencyRecord.merged(all));
}

function familyOf(family: PacketFamily, peers: readonly Known[], lengthSecs: number): PacketFamilyFigures {
  const last = peers.flatMap(({ points }) => points.at(-1)?.metrics ?? []);
  const rates = last.map((metrics) => metrics[`${family}Total`] / lengthSecs);
  const { mean, low, high } = rates.length === 0 ? { mean: 0 } : meanInterval(rates);
  return {
    family,
    packets: Math.round(sumOf(last, (metrics) => metrics[`${family}Total`])),
    bytes: Math.round(sumOf(last, (metrics) => metrics[`${family}TotalBytes`])),
    packetsPerSec: mean,
    low,
    high,
  };
}

function peerOf({ name, points, record }: Known, lengthSecs: number): RoutinePeer {
  const last = points.at(-1)?.metrics;
  const whole = (figure: string) => {
    const value = last && extraOf(last, figure);
    return value === undefined ? undefined : Math.round(value);
  };
  const trips = points.flatMap(({ metrics }) => extraOf(metrics, "webrtcRoundTripMs") ?? []);
  return {
    name,
    routine: record?.routine,
    elapsedSecs: record && record.elapsedMs / 1000,
    points: points.length,
    failedSubmissions: whole("failedSubmissions") ?? 0,
    sent: record?.sent ?? 0,
    refused: record?.refused ?? 0,
    delivered: record?.delivered ?? 0,
    repeated: record?.repeated ?? 0,
    connections: last?.connectedPeers.length ?? 0,
    knownPeers: Math.round(last?.knownPeersCount ?? 0),
    packets: last && packetsOf(last),
    roundTripMs: trips.length === 0 ? undefined : meanOf(trips),
    webrtcSentBytes: whole("webrtcBytesSent"),
    webrtcReceivedBytes: whole("webrtcBytesReceived"),
    busyness: busynessOf(points, lengthSecs),
    gap: gapOf(points, record),
  };
}

const packetsOf = (metrics: DataPoint["metrics"]) =>
  Object.fromEntries(families.map((family) => [family, Math.round(metrics[`${family}Total`])])) as Readonly<
    Record<PacketFamily, number>
  >;

function gapOf(points: readonly DataPoint[], record: PeerRecord | undefined): string | undefined {
  if (points.length === 0) return "it sent no data point";
  return record === undefined ? "it did not report its messages" : undefined;
}
