/** What was done to nodes on purpose, and what became of them. */
import { type Of, record } from "../../core/documents/form.ts";
import { amount, choice, count, flag, list, measured, text } from "../../core/documents/form-values.ts";
import { growthForm } from "./growth.ts";
import { latencyForm } from "./latency.ts";

export const faultForm = record("One fault of one node. Times are seconds since the start of the window.", {
  node: text("Name of the node."),
  action: choice(
    "crash: it was killed. recover: it was restarted with its data. pause: it was stopped where it was. resume: it went on.",
    ["crash", "recover", "pause", "resume"],
  ),
  askedSecs: amount("Scheduled time, seconds."),
  issuedSecs: measured(
    "When it was issued, seconds: later than scheduled if the nodes before it were not back yet; omitted if it never was.",
  ).optional(),
  answersSecs: measured("When a recovered or resumed node first replied, seconds.").optional(),
  // Seen by asking every few hundredths of a second.
  effectiveSecs: measured(
    "When its effect was observed, seconds: a crashed node has ended and its RPC refuses connections; a paused one stands still; a recovered or resumed one has caught up. Omitted if it was not observed.",
  ).optional(),
  firstCommitSecs: measured(
    "When a new height was first observed at any node after the crash or pause took effect, or after the recovery or resumption was issued, seconds; omitted if none was observed.",
  ).optional(),
  failure: text("Why it was not carried out; omitted if it was. It makes the run invalid.").optional(),
});

/** A fault, and when the committee was next seen to commit. */
export interface FaultOutcome extends Of<typeof faultForm> {}

const endings: Readonly<Partial<Record<FaultOutcome["action"], FaultOutcome["action"]>>> = {
  crash: "recover",
  pause: "resume",
};

/** What undid the crash or pause at a place among a run's faults; undefined where nothing did, and for other actions. */
export function endOfFault<Fault extends Pick<FaultOutcome, "node" | "action">>(
  faults: readonly Fault[],
  place: number,
): Fault | undefined {
  const { node, action } = faults[place] as Fault;
  return faults.slice(place + 1).find((later) => later.node === node && later.action === endings[action]);
}

/** One thing that was done to one node on purpose. Times are seconds since the start of the window. */
export interface FaultRecord extends Omit<FaultOutcome, "firstCommitSecs"> {}

const segmentClients = record(
  "The clients of some nodes in a segment: outcome of the transactions due in it, including those of the warm-up, whenever it was observed.",
  {
    scheduled: count("Transactions due in the segment.").keyed("scheduled_transactions"),
    successful: count(
      "Transactions that were observed as committed (acknowledged if latency_kind is response).",
    ).keyed("successful_transactions"),
    failed_transactions: count("Transactions that were not.").derived(),
    latency: latencyForm.as("The latency that latency_kind names, of these transactions, milliseconds."),
  },
  {
    id: "clients",
    derive: ({ scheduled, successful }) => ({ failed_transactions: scheduled - successful }),
  },
);

export interface SegmentClients extends Of<typeof segmentClients> {}

export const segmentForm = record(
  "One segment of the run. Times are seconds since the start of the window.",
  {
    fromSecs: measured("Start of the segment, seconds; negative for the warm-up."),
    toSecs: measured("Its end, seconds."),
    nodesDown: list("Names of the nodes that are down on purpose.", text("Name of a node.")),
    ofLivingNodes: segmentClients.as("Clients of the nodes that should be up."),
    ofDeadNodes: segmentClients.as("Clients of the nodes that are down on purpose."),
  },
);

/** A part of a run in which the same nodes are meant to be down. The warm-up's transactions stand here and nowhere else. */
export interface SegmentResult extends Of<typeof segmentForm> {}

const atEnd = (what: string) => `${what} at the end of the window; omitted if unknown.`;

const callsOf = (what: string) =>
  `Calls of ${what} in the seconds of the window, to files and whatever else has a descriptor; omitted if unknown.`;

const resourceFields = {
  cpuSecs: amount(
    "CPU time in the window, all cores, seconds; omitted if unknown, as for a crashed node.",
  ).optional(),
  memoryBytes: count("Resident memory at the end of the window, bytes; omitted if unknown.").optional(),
  memoryGrowth: growthForm
    .as("Trend of resident memory; omitted for windows below 60 s, and for a node that crashed.")
    .optional(),
  reads: count(callsOf("read")).optional(),
  writes: count(callsOf("write")).optional(),
  openFiles: count(atEnd("Open file descriptors")).optional(),
  threads: count(atEnd("Threads of the operating system")).optional(),
  goroutines: count(atEnd("Goroutines")).optional(),
};

const nameField = text("Name of the node.");
const exitField = flag("Whether it ended unexpectedly.");

export const nodeFields = {
  name: nameField,
  exitedUnasked: exitField,
  ...resourceFields,
  height: count("Latest committed height; omitted if unknown.").optional(),
};

export const nodeForm = record("One node.", nodeFields);

export interface NodeOutcome extends Of<typeof nodeForm> {}

/** What a node of any kind used; absent: unknown. */
export interface NodeResources extends Pick<NodeOutcome, keyof typeof resourceFields> {}

const helperForm = record("One helper.", {
  name: nameField,
  role: text("Its role, as the description of the system names it."),
  exitedUnasked: exitField,
  ...resourceFields,
});

export interface HelperOutcome extends Of<typeof helperForm> {}

export const helpersForm = list(
  "Nodes beside the committee, such as a bootstrap node; omitted if there are none.",
  helperForm,
).optional();
