/** What was done to nodes on purpose, and what became of them. */
import { type Of, record } from "../../core/documents/form.ts";
import { amount, choice, count, flag, list, measured, text } from "../../core/documents/form-values.ts";
import { latencyForm } from "./latency.ts";

export const faultForm = record(
  "One thing done to one node. Times are seconds since the start of the window.",
  {
    node: text("Name of the node."),
    action: choice("crash: it was killed. recover: it was started again on its data.", ["crash", "recover"]),
    askedSecs: amount("When the schedule has it, seconds."),
    issuedSecs: measured(
      "When it was ordered, seconds: later than asked where the nodes before it were not back yet; absent where it never was.",
    ).optional(),
    answersSecs: measured("When a recovered node first answered, seconds.").optional(),
    // Seen by asking every few hundredths of a second.
    effectiveSecs: measured(
      "When it was seen to have its effect, seconds: a crashed node had ended and its RPC refused; a recovered one had caught up. Absent where it was not.",
    ).optional(),
    firstCommitSecs: measured(
      "When a new height was first seen at any node after the crash took effect, or after the recovery was ordered, seconds; absent where none was seen.",
    ).optional(),
    failure: text("Why it was not carried out; absent where it was. It makes the run invalid.").optional(),
  },
);

/** A fault, and when the committee was next seen to commit. */
export interface FaultOutcome extends Of<typeof faultForm> {}

/** One thing that was done to one node on purpose. Times are seconds since the start of the window. */
export interface FaultRecord extends Omit<FaultOutcome, "firstCommitSecs"> {}

const segmentClients = record(
  "The clients of some nodes in a stretch: what became of the transactions due in it, those of the warm-up included, whenever that was seen.",
  {
    scheduled: count("Transactions due in the stretch.").keyed("scheduled_transactions"),
    successful: count("Those that were seen committed (acknowledged where latency_kind is response).").keyed(
      "successful_transactions",
    ),
    failed_transactions: count("Those that were not.").derived(),
    latency: latencyForm.as("The latency that latency_kind names, of these transactions, milliseconds."),
  },
  {
    id: "clients",
    derive: ({ scheduled, successful }) => ({ failed_transactions: scheduled - successful }),
  },
);

export interface SegmentClients extends Of<typeof segmentClients> {}

export const segmentForm = record("One part of the run. Times are seconds since the start of the window.", {
  fromSecs: measured("Its beginning, seconds; negative for the warm-up."),
  toSecs: measured("Its end, seconds."),
  nodesDown: list("Names of the nodes that are meant to be down.", text("Name of a node.")),
  ofLivingNodes: segmentClients.as("Clients of the nodes that are meant to be up."),
  ofDeadNodes: segmentClients.as("Clients of the nodes that are meant to be down."),
});

/** A part of a run in which the same nodes are meant to be down. The warm-up's transactions stand here and nowhere else. */
export interface SegmentResult extends Of<typeof segmentForm> {}

export const nodeFields = {
  name: text("Name of the node."),
  exitedUnasked: flag("Whether it ended without being asked to."),
  cpuSecs: amount(
    "CPU time used in the window, all cores, seconds; absent where not to be had, as of a node that crashed.",
  ).optional(),
  memoryBytes: count(
    "Resident memory at the end of the window, bytes; absent where not to be had.",
  ).optional(),
  height: count("Latest committed height; absent where not to be had.").optional(),
};

export const nodeForm = record("One node.", nodeFields);

export interface NodeOutcome extends Of<typeof nodeForm> {}
