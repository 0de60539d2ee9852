/**
 * What the link shaper (src/shaper) is asked, and what it reports: lines of JSON on its standard input and output, checked
 * by these forms on both sides. The first line is `open`. It ends at `stop`, or with its input.
 */
import { highestPort } from "../../core/address.ts";
import { type Of, record, tagged } from "../../core/documents/form.ts";
import {
  amount,
  choice,
  count,
  flag,
  given,
  list,
  listIfAny,
  measured,
  positive,
  text,
  whole,
} from "../../core/documents/form-values.ts";
import { overlayHostForm } from "../nodes/overlay.ts";
import { shapeFields, shapeForm } from "./shape.ts";

/** What shapes in a kernel: the sender's, by netem, or the receiver's, by nfqueue. */
export const kernelMechanisms = ["netem", "nfqueue"] as const;
export type KernelMechanism = (typeof kernelMechanisms)[number];

/** A port at which something listens. */
export const portForm = (about: string) => whole(about, { least: 1, most: highestPort });

const address = text("An IPv4 address.");

/** Where a node is. */
const placeForm = record("One node, as the nodes of this shaper see it.", {
  name: text("Name of the node."),
  addresses: list(
    "Addresses from which its packets come, and to which packets for it go; nodes that share one have links of one shape.",
    address,
    { fewest: 1 },
  ),
  namespacePath: text(
    "Its network namespace on this machine: /proc/PID/ns/net or /run/netns/NAME; omitted if it is elsewhere.",
  ).optional(),
  probePort: portForm("UDP and TCP port for probes, in its namespace.").optional(),
  overlay: overlayHostForm
    .as(
      "Its interfaces for a network under test; omitted if it has none. They end at first addresses of nodes.",
    )
    .optional(),
  probeAddress: record("Where the others send probes to.", {
    host: address,
    port: portForm("Port."),
  }).optional(),
});
export type ShaperPlace = Of<typeof placeForm>;

export const linkFields = { from: text("Name of the sender."), to: text("Name of the receiver.") };
export const changeForm = record("The shape of one link.", { ...linkFields, ...shapeFields });
export type ShaperChange = Of<typeof changeForm>;

/**
 * A network of nodes on several machines that the shapers of these make: each node here has an interface with its first
 * address in it.
 */
const segmentForm = record("The part of a segment that a machine has.", {
  vni: whole("Number of the segment, the same on all machines.", { least: 1, most: 16_777_215 }),
  port: portForm("UDP port of all machines for its packets (VXLAN)."),
  machines: list("IPv4 addresses of the other machines.", address),
});
export type Segment = Of<typeof segmentForm>;

/** Commands with an id are answered once, by `done` or `refused` with that id. */
const id = text("Name of the command in its reply.");

export const shaperCommandForm = tagged("A line on the shaper's standard input.", "type", {
  open: {
    id,
    mechanism: choice(
      "What is to shape; omitted: the first that a trial accepts.",
      kernelMechanisms,
    ).optional(),
    seed: text("Seed of all random numbers."),
    mtuBytes: whole("Size of the parts for which loss is decided.", { least: 68, most: 65_535 }),
    places: list("All nodes of the network.", placeForm),
    segment: segmentForm
      .as("What connects the nodes; omitted: they are connected, and their first addresses are their own.")
      .optional(),
    links: list(
      "Links to nodes of this machine (to those of netem: from them); others are not shaped.",
      changeForm,
    ),
    others: shapeForm
      .as(
        "Shape of what goes between a node and addresses that are no node's, either way; omitted: not shaped.",
      )
      .optional(),
    exemptPorts: list(
      "TCP ports of the nodes whose traffic is not shaped, such as RPC where clients share an address with nodes.",
      portForm("Port."),
    ),
    bareEchoes: count("Echoes over each link to measure the bare path before anything is shaped; 0: none."),
  },
  attach: { id, places: list("Nodes that have started, again or only now.", placeForm, { fewest: 1 }) },
  set: { id, links: list("They change at one moment.", changeForm, { fewest: 1 }) },
  echo: {
    id,
    pairs: list("Links, all at once.", record("A link.", linkFields), { fewest: 1 }),
    packets: whole("Of each link.", { least: 1, most: 100_000 }),
    perSecond: positive("Packets per second of each link."),
  },
  goodput: {
    id,
    pairs: list("Links, all at once.", record("A link.", linkFields), { fewest: 1 }),
    warmUpMs: given("Not counted, milliseconds."),
    measureMs: positive("Counted, milliseconds."),
  },
  stop: {},
});
export type ShaperCommand = Of<typeof shaperCommandForm>;
export type OpenCommand = Extract<ShaperCommand, { type: "open" }>;

const probedForm = record("What probes saw of one link.", {
  ...linkFields,
  way: choice("one-way: sender and receiver are on this machine. round-trip: they are not.", [
    "one-way",
    "round-trip",
  ]),
  sent: count("Packets."),
  received: count("Of these, or of their echoes."),
  delaysMs: list("In the order of arrival, milliseconds.", measured("A delay.")),
  goodputBps: amount("Payload of TCP, bits per second.").optional(),
  congestionControl: text("Congestion control of the sender's TCP.").optional(),
});

const targetCountsForm = record("What one node was sent, since the last report.", {
  name: text("Name of the node."),
  packets: count("Packets read from its queue. Up to 64 KB that were sent at once count as one."),
  bytes: count("Their bytes, IP headers included."),
  lost: count("Dropped by loss."),
  overflowed: count("Dropped because the queue of a rate was full."),
  cut: count("Dropped because the link was down."),
  held: count("Packets that wait now."),
  queueDropped: count("Dropped by the kernel since the start, because its queue was full. Must be 0."),
  userDropped: count("Dropped by the kernel since the start, because they could not be read. Must be 0."),
});

export const shaperReportForm = tagged("A line on the shaper's standard output.", "type", {
  /** Reply to open. */
  ready: {
    id,
    mechanism: choice("What shapes.", kernelMechanisms),
    realTime: flag("Whether it has real-time priority (SCHED_FIFO).").optional(),
    bare: list("The bare path of each link that was asked for.", probedForm),
  },
  done: {
    id,
    atMs: given("When it took effect, on the machine's monotonic clock."),
    probed: listIfAny("Of a probe.", probedForm),
  },
  refused: { id: id.optional(), reason: text("Why a command was not obeyed.") },
  second: {
    atMs: given("End of this second, on the machine's monotonic clock."),
    released: count("Packets that were let through."),
    stamped: count("Packets whose arrival was stamped by the kernel; of others it is when they were read."),
    errors: count("Verdicts that the kernel refused, because the packet was gone."),
    lateP50Us: given("How long after their due time packets were let through: median.").optional(),
    lateP99Us: given("99th percentile.").optional(),
    lateMaxUs: given("Longest.").optional(),
    cpuMs: amount("CPU time of the whole process."),
    targets: list("Receivers.", targetCountsForm),
  },
});
export type ShaperReport = Of<typeof shaperReportForm>;
