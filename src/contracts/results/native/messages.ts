/** What became of messages that peers wrote and others read, computed from the events that the peers told. */
import { type Of, record } from "../../../core/documents/form.ts";
import {
  amount,
  asPercent,
  choice,
  count,
  flag,
  list,
  listIfAny,
  measured,
  text,
} from "../../../core/documents/form-values.ts";
import { neverBoth } from "../bounded.ts";
import { latencyForm, quantile } from "../latency.ts";

const ofDelivery = "from the scheduled time of the write to the moment at which the other peer can read it";

/** Each delivery, a message and a peer that it is for, is in exactly one cell. */
const deliveryFields = {
  expected: count("Deliveries due: messages due in the window, each to every other peer."),
  delivered: count("The message could be read there before the end of the observation."),
  missing: count("It could not, although both peers were up at the end."),
  peerDown: count("It could not, and one of the two peers was down at the end."),
};

export interface Deliveries extends Of<typeof deliveriesForm> {}
const deliveriesForm = record(
  "Outcome of all deliveries: expected = delivered + missing + peer_down.",
  deliveryFields,
);

const capacityForm = record("Capacity from one moment on.", {
  fromSecs: measured("Since the start of the window, seconds."),
  mbps: amount("Rate that the emulated link was asked for, Mbit/s.").optional(),
});

const linkUseForm = record("Use of a link in one second.", {
  second: count("Seconds since the window's start, from 0."),
  utilizationRatio: asPercent("Bits sent in it, percent of the rate.", { least: 0 }),
});

const pairForm = record(
  "One writer and one reader.",
  {
    from: text("Name of the peer that writes."),
    to: text("Name of the peer that reads."),
    ...deliveryFields,
    doubled: count("Reads of messages that could be read there already."),
    meanMs: amount(
      "Mean latency of the delivered messages, milliseconds; omitted if there are none.",
    ).optional(),
    p50: quantile("Median"),
    p99: quantile("99th percentile"),
    maxMs: amount("Largest latency, milliseconds; omitted if nothing was delivered.").optional(),
    sentBytes: count(
      "Bytes that the writer's store sent to the reader's in the window; omitted if not reported.",
    ).optional(),
    peakMbps: amount("Most that it sent in one second, Mbit/s.").optional(),
    utilizationRatio: asPercent(
      "Bits sent while the emulated link's rate was limited, percent of what it could carry then; omitted if it never was.",
      { least: 0 },
    ).optional(),
    uses: listIfAny(
      "Use of the link in the seconds in which its rate was limited throughout; of the 64 links with the most use, of others omitted.",
      linkUseForm,
    ),
    capacities: listIfAny(
      "Capacities of the emulated link; omitted if its rate is not limited.",
      capacityForm,
    ),
  },
  { id: "message-pair", keywords: neverBoth("p50_ms", "p99_ms") },
);

export interface MessagePair extends Of<typeof pairForm> {}

const connectionFields = {
  connections: count("Its connections at the end; omitted if it does not tell.").optional(),
  expectedConnections: count(
    "Connections that the topology gives it; omitted without one, or if it does not tell.",
  ).optional(),
};

const peerForm = record("One peer.", {
  name: text("Name of the node."),
  clockOffsetMs: measured(
    "Its clock minus the coordinator's, milliseconds; 0 if it is the same machine's clock; omitted if it does not tell the time.",
  ).optional(),
  clockErrorMs: amount("Largest error of the offset, milliseconds.").optional(),
  flavour: text("How its program was built, as it says; omitted if it does not.").optional(),
  plan: text("Hash of the plan that it follows; omitted if it does not tell.").optional(),
  ...connectionFields,
  joinedSecs: measured(
    "When it began, seconds since the start of the window; omitted if it was there before.",
  ).optional(),
  written: count("Messages that it wrote, due in the window."),
  lateP99Ms: amount(
    "99th percentile of the delay of its writes after their scheduled times, milliseconds; omitted if it has no schedule.",
  ).optional(),
  malformed: count("Events that could not be read."),
  gap: text("Why not all of its events are here; omitted if they are.").optional(),
});

export interface MessagePeer extends Of<typeof peerForm> {}

/** What is known of a node's connections. */
export interface Connected extends Pick<MessagePeer, "name" | "connections" | "expectedConnections"> {}

export const resyncCauses = ["links", "crash", "pause", "connection", "join"] as const;

const resyncForm = record("One peer after a disturbance. Times are seconds since the start of the window.", {
  node: text("Name of the peer."),
  cause: choice(
    "links: the timeline changed links. crash, pause: it was down or stood still. connection: it lost a connection. join: it was not there before.",
    resyncCauses,
  ),
  fromSecs: measured("Start of the disturbance, seconds."),
  toSecs: measured("Its end, seconds: links are as before, or the peer was started again or went on."),
  behind: count("Messages of others, written by then, that it could not read yet."),
  firstMs: amount(
    "From there until it could read any message, milliseconds; omitted if it could not.",
  ).optional(),
  resyncMs: amount("From there until it could read all of them, milliseconds.").optional(),
  resyncMsAtLeast: amount(
    "Instead of resync_ms: it still lacked some of them after so many milliseconds, at the end of the observation.",
  ).optional(),
});

export interface Resync extends Of<typeof resyncForm> {}

export const probeOperations = ["read", "write", "fresh"] as const;

const availabilityForm = record("Availability of one operation.", {
  op: choice(
    "read: the peer's own store answers. write: it accepts a value. fresh: of every other peer there is something no older than 2 s.",
    probeOperations,
  ),
  probes: count("Attempts in the window, at a fixed rate at each peer."),
  ok: count("Those that succeeded."),
  availabilityRatio: asPercent("Successful attempts, percent of all.", { least: 0, most: 100 }),
  longestOutageSecs: amount(
    "Longest time from a failed attempt of a peer to its next successful one, seconds.",
  ),
  outageNode: text("Name of that peer; omitted if no attempt failed.").optional(),
});

export interface Availability extends Of<typeof availabilityForm> {}

const savingsForm = record(
  "Traffic of resynchronizations compared to sending the whole state each time. Omitted if no peer was behind, or sizes are not reported.",
  {
    resyncs: count("Resynchronizations of peers that were behind."),
    stateBytes: count("Sum of the sizes of the whole state, bytes."),
    sentBytes: count("Bytes sent to those peers meanwhile, by the senders' counters."),
    receivedBytes: count("Bytes that they received meanwhile, by their own counters."),
    bySentRatio: asPercent(
      "Bytes saved, percent of the state's bytes, by the senders' counters; negative if more was sent.",
    ),
    byReceivedRatio: asPercent("The same by the receivers' counters."),
  },
);

export interface Savings extends Of<typeof savingsForm> {}

const availableIn = (op: string) =>
  asPercent(`Successful ${op} attempts in this second, percent; omitted if there were none.`, {
    least: 0,
    most: 100,
  }).optional();

const secondForm = record(
  "One second.",
  {
    second: count("Seconds since the window's start, from 0."),
    written: count("Messages due in it that were written."),
    delivered: count("Deliveries of these messages, whenever they came."),
    p50: quantile("Median", "the latency of these deliveries"),
    p99: quantile("99th percentile", "the latency of these deliveries"),
    readRatio: availableIn("read"),
    writeRatio: availableIn("write"),
    freshRatio: availableIn("fresh"),
    sentMbps: amount("Sent by all peers together, Mbit/s; omitted if not reported.").optional(),
  },
  { id: "message-second", keywords: neverBoth("p50_ms", "p99_ms") },
);

export interface MessageSecond extends Of<typeof secondForm> {}

export const messagesForm = record(
  "Messages among the peers, computed from the events that each peer told; omitted if the nodes do not tell events.",
  {
    observedSecs: amount("From the window's start to the last look at the peers, seconds."),
    written: count("Messages due in the window that were written."),
    deliveries: deliveriesForm,
    doubled: count("Outside the balance: reads of messages that could be read there already."),
    unknown: count("Outside the balance: reads of messages that no peer says it wrote."),
    stale: count("Deliveries that took longer than 2 s."),
    outOfOrder: count("Deliveries that came after a later message of the same writer."),
    beforeWritten: count("Reads that are earlier than their write by more than the clocks' errors."),
    latency: latencyForm.as(`Latency of all deliveries: ${ofDelivery}.`),
    pairs: list("Every ordered pair of peers.", pairForm),
    peers: list("Every peer.", peerForm),
    helpers: listIfAny(
      "Nodes beside the peers that the topology connects to them, such as a bootstrap node; omitted if there are none.",
      record("One helper.", {
        name: text("Name of the node."),
        ...connectionFields,
      }),
    ),
    resyncs: listIfAny("Peers after disturbances, in order of time; at most 2,000.", resyncForm),
    availability: listIfAny("Availability in the window, by operation.", availabilityForm),
    savings: savingsForm.optional(),
    goodputMbps: amount("Payload delivered in the window, each once, Mbit/s.").optional(),
    goodputRatio: asPercent("Payload delivered, percent of all bits that were sent.", {
      least: 0,
    }).optional(),
    isCut: flag(
      "Whether there were more messages than are followed; the figures are of the first ones.",
    ).leftOutIf(false, (cut) => !cut),
    seconds: list("The seconds of the window.", secondForm),
  },
);

/** What became of the messages of one run. */
export interface MessageFigures extends Of<typeof messagesForm> {}
