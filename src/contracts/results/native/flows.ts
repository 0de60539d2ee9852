/** What became of flows through a network under test, computed from the events that the hosts told. */
import { type Of, record } from "../../../core/documents/form.ts";
import {
  amount,
  asPercent,
  choice,
  count,
  flag,
  given,
  list,
  listIfAny,
  measured,
  positive,
  text,
} from "../../../core/documents/form-values.ts";
import { flowKinds } from "../../load/flow-events.ts";
import { latencyForm } from "../latency.ts";
import { captureForm, daemonForm, flowHostForm, interfaceForm } from "./flow-hosts.ts";

const share = { least: 0, most: 100 };
const nodeNames = (about: string) => list(about, text("Name of a node."));

/** Each packet is in exactly one cell. */
const packetsForm = record("Packets that were sent in the window: sent = received + lost.", {
  sent: count("Packets that the sender handed to its socket, or, of another program, that it counted."),
  refused: count("Those of them that the socket refused, for lack of a route or a buffer; they are lost."),
  received: count("Packets that arrived before the end of the observation, each counted once."),
  lost: count("Those that did not."),
  lossRatio: asPercent("Lost packets, percent of those sent; omitted if none was sent.", share).optional(),
  duplicated: count("Outside the balance: further arrivals of packets that had arrived."),
  reordered: count(
    "Packets that arrived after a packet with a higher sequence number (RFC 4737), each counted once.",
  ),
  unknown: count("Outside the balance: arrivals of packets that the sender does not say it sent."),
  beforeSent: count(
    "Arrivals that are earlier than the sending by more than the errors of the clocks, taken as at once.",
  ),
  returned: count("Packets whose reflection came back; omitted if the receiver does not reflect.").optional(),
});

export interface FlowPackets extends Of<typeof packetsForm> {}

const arrivedForm = record("Nearest-rank quantiles over the packets that arrived alone.", {
  p50Ms: amount("Median, milliseconds."),
  p90Ms: amount("90th percentile, milliseconds."),
  p99Ms: amount("99th percentile, milliseconds."),
});

const lostAre = "Each lost packet counts with its age at the end of the observation, as a lower bound.";
const latencyFields = {
  roundTrip: latencyForm
    .as(
      `From the sending of a packet until its reflection came back, on the sender's clock. ${lostAre} Omitted if the receiver does not reflect.`,
    )
    .optional(),
  roundTripArrived: arrivedForm.as("The same, of the packets that came back alone.").optional(),
  oneWay: latencyForm
    .as(
      `From the sending of a packet to its first arrival. On several machines it is as accurate as the clocks of hosts (clock_error_ms). ${lostAre} Omitted if the packets are another program's.`,
    )
    .optional(),
  oneWayArrived: arrivedForm.as("The same, of the packets that arrived alone.").optional(),
};

const interruptionForm = record("No packet arrived for longer than the threshold.", {
  fromSecs: measured(
    "Arrival of the last packet before it, seconds since the start of the window; the flow's first packet if none had arrived.",
  ),
  toSecs: measured(
    "First arrival after it; omitted if there was none before the end of the window.",
  ).optional(),
  lengthMs: amount("Its length, milliseconds; up to the end of the window if it did not end."),
  lost: count("Packets sent in between that never arrived."),
});

export interface Interruption extends Of<typeof interruptionForm> {}

const framesForm = record("Pictures of a video, as the receiver showed them in the window.", {
  shown: count("Whole in time."),
  late: count("Whole, but too late."),
  incomplete: count("Given up, because parts of them did not arrive."),
});

const intervalForm = record("What another program measured in one of its intervals.", {
  fromSecs: measured("Its start, seconds since the start of the window."),
  toSecs: measured("Its end, likewise."),
  bytes: count("Payload that arrived in it."),
  packets: count("Packets in it, as the program says; omitted if it does not, as all below.").optional(),
  lost: count("Those of them that were lost.").optional(),
  retransmits: count("Segments that TCP sent again.").optional(),
  rttMs: amount("Round trip of TCP, milliseconds.").optional(),
});

export interface ProgramInterval extends Of<typeof intervalForm> {}

export const pathStates = ["complete", "broken", "loop"] as const;

const pathForm = record("The path of a flow from one moment on, as the hosts' routes lead it.", {
  fromSecs: measured("Since the start of the window, seconds; 0 if it was so before."),
  state: choice(
    "complete: it ends at the receiver. broken: its last host has no route. loop: it comes back to a host.",
    pathStates,
  ),
  nodes: nodeNames("Hosts, from the sender on."),
});

export interface FlowPath extends Of<typeof pathForm> {}

const secondForm = record("One second.", {
  second: count("Seconds since the window's start, from 0."),
  sent: count("Packets sent in it."),
  received: count("Those of them that arrived, whenever."),
  lost: count("Those of them that did not."),
  p50Ms: amount(
    "Median latency of those that arrived (round trip if there is one), milliseconds; omitted if none did.",
  ).optional(),
  p99Ms: amount("99th percentile, milliseconds.").optional(),
  goodputMbps: amount("Payload that arrived in this second, each packet once, Mbit/s."),
  directLossRatio: asPercent(
    "Loss that is emulated on the link from sender to receiver, mean of the second, percent, 100 if it is down; omitted without such a link.",
    share,
  ).optional(),
});

export interface FlowSecond extends Of<typeof secondForm> {}

const flowForm = record("One flow. Times are seconds since the start of the window.", {
  name: text("Name of the flow."),
  kind: choice(
    "udp: datagrams. tcp: messages over TCP. video: numbered pictures over UDP. iperf3, program: packets of another program. native: packets of a program that has the network built in.",
    flowKinds,
  ),
  from: text("Name of the node that sends."),
  to: text("Name of the node that receives."),
  reflects: flag("Whether the receiver sends each packet back."),
  perSec: positive(
    "Packets per second as planned, of a video pictures; omitted if as many as go through.",
  ).optional(),
  sizeBytes: given("Payload of each, bytes."),
  packets: packetsForm.as("What became of its packets; omitted if another program does not tell.").optional(),
  lateSends: count("Packets sent more than 10 ms after their scheduled time."),
  lateP99Ms: amount(
    "99th percentile of the delay of packets after their scheduled time, milliseconds; omitted without a schedule.",
  ).optional(),
  ...latencyFields,
  goodputMbps: amount(
    "Payload that arrived in the window, each packet once, Mbit/s; omitted if another program does not tell.",
  ).optional(),
  longestGapMs: amount(
    "Longest time between two arrivals in a row, or from the last one to the window's end if more was sent, milliseconds; omitted if there was none.",
  ).optional(),
  thresholdMs: amount(
    "Gaps above this are interruptions, milliseconds: 5 intervals of the schedule, at least 100.",
  ),
  interruptionCount: count("Interruptions in the window."),
  interruptedMs: amount("Their lengths together, milliseconds."),
  interruptions: listIfAny("The longest 200 of them, in order of time.", interruptionForm),
  frames: framesForm.optional(),
  intervals: listIfAny("Intervals of another program; omitted if there are none.", intervalForm),
  paths: listIfAny("The first 200 paths in the window; omitted if the hosts do not tell routes.", pathForm),
  seconds: list("The seconds of the window; none if another program does not tell.", secondForm),
});

export interface FlowResult extends Of<typeof flowForm> {}

const handoverForm = record(
  "A flow left a complete path, and came to another, or back. Stages are seconds since the start of the window; those that are unknown are omitted.",
  {
    flow: text("Name of the flow."),
    before: nodeNames("The path that it left."),
    after: nodeNames("The path that it came to; omitted if it came to none.").optional(),
    crossingSecs: measured(
      "crossing: the emulated quality of the old path fell below that of the new one, and stayed there until the switch.",
    ).optional(),
    detectedSecs: measured(
      "detected: the network first said that a link of the old path had become worse, at or after the crossing.",
    ).optional(),
    leftSecs: measured("left: the routes no longer led along the old path."),
    switchedSecs: measured("switched: they led along the new one to the receiver.").optional(),
    recoveredSecs: measured(
      "recovered: first arrival at or after the switch of a packet that was sent at or after it, or that ended the interruption.",
    ).optional(),
    detectMs: measured("From crossing to detected, milliseconds.").optional(),
    decideMs: measured("From detected to switched, milliseconds.").optional(),
    recoverMs: measured("From switched to recovered, milliseconds.").optional(),
    totalMs: measured("From crossing to recovered, milliseconds.").optional(),
    interruptionMs: amount(
      "Longest interruption of the flow that overlaps the time from the crossing (or left) to recovered, milliseconds; 0 if there is none.",
    ),
    lost: count(
      "Packets sent from the crossing (or left) to recovered that were lost; to the end of the window if it did not recover.",
    ),
  },
);

export interface Handover extends Of<typeof handoverForm> {}

const routeForm = record("A route of a host from one moment on.", {
  fromSecs: measured("Since the start of the window, seconds; 0 if it was so before."),
  host: text("Name of the host."),
  to: text("Name of the node that it leads to."),
  via: text("Name of the next node; omitted if there is no route.").optional(),
  metric: measured("In the network's own unit, lower is better; omitted if not told.").optional(),
});

export interface RouteChange extends Of<typeof routeForm> {}

const perceivedForm = record("A link in one second; seconds like the one before are omitted.", {
  second: count("Seconds since the window's start, from 0."),
  cost: amount(
    "Cost by the network's view at the end of the second, in its own unit; omitted if the link is unusable to it, or not told.",
  ).optional(),
  receivedRatio: asPercent(
    "Of what the other end sent, percent that arrived by the network's view; omitted if not told.",
    share,
  ).optional(),
  delayMs: amount("Emulated delay at the end of the second, milliseconds."),
  lossRatio: asPercent("Emulated loss, mean of the second, percent; 100 if the link is down.", share),
});

export interface PerceivedSecond extends Of<typeof perceivedForm> {}

const linkForm = record("One link of one host, as the network perceives it, and as it is emulated.", {
  from: text("Name of the host."),
  to: text("Name of the node at the other end."),
  costChanges: count("Changes of the perceived cost in the window."),
  lagMs: measured(
    "From the crossing of the first handover that was detected at this link to its detection, milliseconds; omitted without one.",
  ).optional(),
  seconds: list("What it was like.", perceivedForm),
});

export interface PerceivedLink extends Of<typeof linkForm> {}

const keptForm = record("Seconds in which the link between sender and receiver lost so much.", {
  fromLossRatio: asPercent("Lower end of the band, percent.", share),
  toLossRatio: asPercent("Upper end, percent; excluded, but of the last band.", share),
  secs: count("Seconds of flows in it."),
  goodputMbps: amount("Goodput of a flow in these seconds, mean, Mbit/s."),
  keptRatio: asPercent(
    "Goodput in these seconds, percent of what the same flows had in their undisturbed ones: those with less than 1 % loss, of a link that is not down.",
    { least: 0 },
  ),
});

export interface KeptGoodput extends Of<typeof keptForm> {}

export const flowsForm = record(
  "Flows between hosts through a network under test, computed from the events that each host told; omitted if the nodes are no such hosts.",
  {
    network: text("Name of the network under test."),
    hasView: flag("Whether its hosts tell the network's own view of links and routes."),
    observedSecs: amount("From the window's start to the last look at the hosts, seconds."),
    latencyOf: choice("Which latency is that of the run: of reflecting flows, if there are any.", [
      "round-trip",
      "one-way",
    ]),
    latency: latencyForm.as("That latency, of all these flows together."),
    flows: list("Every flow.", flowForm),
    kept: listIfAny(
      "Goodput by the emulated loss of the direct links; omitted if nothing was undisturbed.",
      keptForm,
    ),
    handovers: listIfAny("Changes of flows' paths, in order of time; at most 500.", handoverForm),
    routeChanges: count("Changes of routes of all hosts in the window."),
    routes: listIfAny(
      "Routes at the window's start and their changes, in order of time; at most 2,000.",
      routeForm,
    ),
    links: listIfAny(
      "Perceived and emulated quality of links, those on the paths of flows first; at most 64.",
      linkForm,
    ),
    hosts: list("Every host.", flowHostForm),
    daemons: listIfAny(
      "Beginnings and ends of daemons and of programs of flows, in order of time; at most 500.",
      daemonForm,
    ),
    interfaces: listIfAny(
      "Traffic of the interfaces between hosts in the window, in whole; omitted if not known.",
      interfaceForm,
    ),
    captures: listIfAny("Dumps of packets; omitted if none were asked for.", captureForm),
    isCut: flag(
      "Whether there were more packets than are followed; the figures are of the first ones.",
    ).leftOutIf(false, (cut) => !cut),
  },
);

/** What became of the flows of one run. */
export interface FlowFigures extends Of<typeof flowsForm> {}
