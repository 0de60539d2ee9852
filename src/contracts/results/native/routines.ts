/** What became of the routines of a test in browsers, computed from the results of the test. */
import { inline, type Of, record } from "../../../core/documents/form.ts";
import {
  amount,
  choice,
  count,
  list,
  listIfAny,
  measured,
  text,
} from "../../../core/documents/form-values.ts";
import { families } from "../../peer-tests/packets.ts";
import { latencyForm } from "../latency.ts";

const deliveryFields = {
  expected: count("Deliveries due: messages of each peer, each to every other peer."),
  delivered: count("Messages that arrived at a peer, each counted once there."),
  missing: count("Those that did not."),
};

const kindForm = record("Messages of one kind.", {
  kind: text("Name of the kind."),
  sent: count("Messages that the routines sent."),
  ...deliveryFields,
  repeated: count("Further copies that the library handed over."),
});

export interface MessageKindFigures extends Of<typeof kindForm> {}

const busyness = {
  tickRatePerSec: amount("Calls of its routine per second; 60 unless the machine is too busy."),
  timerLatenessMeanMs: amount("How late the page's timers came, mean, milliseconds."),
  timerLatenessMaxMs: amount("The same: largest value, milliseconds."),
  longTasks: count("Tasks of the page that took more than 50 ms."),
  longTasksMs: amount("Their time, milliseconds."),
};

const totals = Object.fromEntries(
  families.map((family) => [family, count(`Packets of the kind ${family}, by the library's counter.`)]),
) as Readonly<Record<(typeof families)[number], ReturnType<typeof count>>>;

const peerForm = record("One peer.", {
  name: text("Name of the node, and id of the peer."),
  routine: text("Name of its routine; omitted if it did not report it.").optional(),
  elapsedSecs: amount("Length of its test, seconds; omitted if it did not report it.").optional(),
  points: count("Data points that the results server took."),
  failedSubmissions: count("Data points that it did not take."),
  sent: count("Messages that its routine sent."),
  refused: count("Those of them that the library refused."),
  delivered: count("Messages of others that arrived, each counted once."),
  repeated: count("Further copies of these."),
  connections: count("Peers that it was connected to at its last data point."),
  knownPeers: count("Peers that it knew then."),
  packets: record("Packets since the start, by kind; omitted if it sent no data point.", totals).optional(),
  roundTripMs: amount(
    "WebRTC's round trip over its connections, mean of the data points, milliseconds; omitted if not reported.",
  ).optional(),
  webrtcSentBytes: count(
    "Bytes that WebRTC sent over the connections that were open at the end; omitted if not reported.",
  ).optional(),
  webrtcReceivedBytes: count("Bytes that WebRTC received over them.").optional(),
  busyness: inline(busyness, "optional"),
  gap: text("Why its figures are not whole; omitted if they are.").optional(),
});

export interface RoutinePeer extends Of<typeof peerForm> {}

const familyForm = record("Packets of one kind, by the library's counters.", {
  family: choice("Kind of packets.", families),
  packets: count("Packets of all peers since the start."),
  bytes: count("Their bytes."),
  packetsPerSec: amount("Packets per second of a peer, mean over the peers."),
  low: measured(
    "Lower end of the mean's 95 % confidence interval over the peers; omitted with fewer than two.",
  ).optional(),
  high: measured("Its upper end.").optional(),
});

export interface PacketFamilyFigures extends Of<typeof familyForm> {}

const stepForm = record("One step of the test: as long as a peer waits between two data points.", {
  fromSecs: amount("Its start, seconds since the start of each peer's test."),
  toSecs: amount("Its end, likewise."),
  peers: count("Peers with a data point of this step; the figures are of these."),
  sentPerSec: amount("Packets that they sent, per second of all together."),
  receivedPerSec: amount("Packets that they received."),
  relayedPerSec: amount("Packets that they passed on."),
  duplicatePerSec: amount("Packets that arrived again."),
  expiredPerSec: amount("Packets that arrived too late."),
  sentBytesPerSec: amount("Bytes of the packets that they sent or passed on, per second."),
  receivedBytesPerSec: amount("Bytes of the packets that they received."),
  connections: amount("Connections of a peer, mean."),
  tickRateLeastPerSec: amount("Calls of the routine per second, of the slowest peer."),
  tickRateMeanPerSec: amount("The same: mean of the peers."),
  timerLatenessMaxMs: amount("Latest timer of all peers, milliseconds."),
  deliveryMeanMs: amount(
    "Mean of the peers' mean latencies of messages that arrived, milliseconds; omitted if there were none, and on several machines.",
  ).optional(),
  roundTripMs: amount(
    "WebRTC's round trip, mean of the peers, milliseconds; omitted if not reported.",
  ).optional(),
});

export interface RoutineStep extends Of<typeof stepForm> {}

export const routinesForm = record(
  "Routines of peers in browsers, computed from the test's results; omitted if the nodes run none.",
  {
    testId: text("Id of the test."),
    points: count("Data points of all peers."),
    sent: count("Messages that the routines sent."),
    deliveries: record("Outcome of all deliveries: expected = delivered + missing.", deliveryFields),
    repeated: count("Further copies that the library handed over."),
    latency: latencyForm
      .as(
        "Latency of all deliveries: from the sending of a message to its first arrival at another peer. Omitted on several machines, whose clocks differ.",
      )
      .optional(),
    kinds: list("Kinds of messages.", kindForm),
    families: list("The seven kinds of packets that a library counts.", familyForm),
    peers: list("Every peer.", peerForm),
    steps: listIfAny("The test, step by step.", stepForm),
  },
);

/** What became of the routines of one run. */
export interface RoutineFigures extends Of<typeof routinesForm> {}
