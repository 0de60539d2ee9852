/** What the link shaper (src/shaper) is asked, and what it reports: JSON, checked by these forms on both sides. */
import { type Of, record, tagged } from "../../core/documents/form.ts";
import {
  amount,
  asPercent,
  choice,
  count,
  flag,
  given,
  list,
  positive,
  table,
  text,
  whole,
} from "../../core/documents/form-values.ts";

const portion = (about: string) => asPercent(about, { least: 0, most: 100 });

/** Loss is decided for each MTU-sized part of a packet; a packet is lost with any of its parts. */
const lossForm = tagged("How packets are lost.", "kind", {
  independent: { lossRatio: portion("Lost, each for itself.") },
  bursts: {
    enterRatio: portion("Chance to pass from the good state to the bad one, before each part (p)."),
    leaveRatio: portion("Chance to pass back (r); bursts last 1/r parts on average."),
    goodLossRatio: portion("Lost in the good state."),
    badLossRatio: portion("Lost in the bad state."),
  },
});

export const shapeForm = record("One direction of one pair of nodes.", {
  delayMs: given("Delay, one way."),
  jitterMs: given(
    "Spread of the delay: its standard deviation, or half the width of a uniform one.",
  ).optional(),
  distribution: choice("How the delay spreads.", ["none", "uniform", "normal", "pareto"]).optional(),
  keepsOrder: flag("No packet overtakes another; otherwise jitter reorders packets.").optional(),
  loss: lossForm.optional(),
  rateBps: positive("Bits per second, of whole IP packets.").optional(),
  queueMs: positive("Longest wait for the rate; packets that find a longer one are dropped.").optional(),
  queueBytes: positive("The same, by the bytes that wait.").optional(),
  down: flag("Everything is dropped.").optional(),
});
export type ShapedDirection = Of<typeof shapeForm>;
export type ShapedLoss = Of<typeof lossForm>;

const targetForm = record("One receiver of packets.", {
  name: text("Name in commands and reports."),
  namespacePath: text("Its network namespace: /proc/PID/ns/net or /run/netns/NAME."),
  queue: whole("Number of its netfilter queue.", { least: 0, most: 65_535 }),
  sources: table("Shape for each sender's IPv4 address; other senders are not delayed.", shapeForm),
});

export const shaperConfigurationForm = record(
  "What a link shaper begins with; it is no document of a bundle.",
  {
    seed: text("Seed of all random numbers."),
    mtuBytes: whole("Size of the parts for which loss is decided.", { least: 68, most: 65_535 }),
    targets: list("Receivers of packets.", targetForm, { fewest: 1 }),
  },
);
export type ShaperConfiguration = Of<typeof shaperConfigurationForm>;
export type ShaperTarget = Of<typeof targetForm>;

const changeForm = record("A new shape.", {
  target: text("Name of the receiver."),
  source: text("IPv4 address of the sender."),
  shape: shapeForm,
});
export type ShapeChange = Of<typeof changeForm>;

export const shaperCommandForm = tagged("A line on the shaper's standard input.", "type", {
  set: {
    id: text("Name of this command in reports."),
    atMs: given("When, on the machine's monotonic clock; at once where it is absent.").optional(),
    changes: list("All take effect at one moment.", changeForm, { fewest: 1 }),
  },
  stop: {},
});
export type ShaperCommand = Of<typeof shaperCommandForm>;

const targetCountsForm = record("What one receiver was sent, since the last report.", {
  name: text("Name of the receiver."),
  packets: count("Packets read from its queue. Up to 64 KB that were sent at once count as one."),
  bytes: count("Their bytes, IP headers included."),
  lost: count("Dropped by loss."),
  overflowed: count("Dropped because the queue of a rate was full."),
  cut: count("Dropped because the link was down."),
  held: count("Packets that wait now."),
  queueDropped: count("Dropped by the kernel since the start, because its queue was full. Must be 0."),
  userDropped: count("Dropped by the kernel since the start, because they could not be read. Must be 0."),
});
export type TargetCounts = Of<typeof targetCountsForm>;

export const shaperReportForm = tagged("A line on the shaper's standard output.", "type", {
  ready: {
    realTime: flag("Whether the shaper has real-time priority (SCHED_FIFO)."),
  },
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
  changed: {
    id: text("Name of the command."),
    atMs: given("When it took effect, on the machine's monotonic clock."),
  },
  refused: {
    reason: text("Why a line on standard input was not obeyed."),
  },
});
export type ShaperReport = Of<typeof shaperReportForm>;
