/** Whether the numbers of a run can be believed, and what that rests on. */
import { type Of, record } from "../../core/documents/form.ts";
import {
  amount,
  choice,
  count,
  flag,
  given,
  list,
  measured,
  text,
  whole,
} from "../../core/documents/form-values.ts";

export type VerdictStatus = "valid" | "generator-limited" | "invalid";

/** `status`: what each of the words means. */
export const verdictFields = (status: string) => ({
  status: choice(status, ["valid", "generator-limited", "invalid"]),
  reasons: list("A sentence each, with the figures and the limit; empty for valid.", text("One reason.")),
});

export const verdictStatusMeaning =
  "valid: the numbers can be believed. generator-limited: they are true, but describe the load generator as much as the network. invalid: they mean something else than they say.";

export const verdictForm = record(
  "Whether the numbers can be believed.",
  verdictFields(verdictStatusMeaning),
);

export interface Verdict extends Of<typeof verdictForm> {}

export const verdictLimitsForm = record("What the run was judged by.", {
  latenessFloorMs: given(
    "The 99th percentile of send lateness may reach the greater of this, milliseconds, ...",
  ),
  latenessRatio: given("... and this share of the median headline latency, 1 is all of it."),
  achievedRatio: given("Sent / scheduled below this is the load generator's fault, 1 is all."),
});

/** Limits a run is judged by; parameters with defaults. */
export interface VerdictLimits extends Of<typeof verdictLimitsForm> {}

const stall = record("One stretch.", {
  atSecs: measured("Seconds since the start of the window; negative before it."),
  lengthMs: amount("Milliseconds."),
  cause: choice(
    "asleep: the machine slept; stopped: the process got no time; clock-step: wall time jumped.",
    ["asleep", "stopped", "clock-step"],
  ),
});

/** A segment in which a client itself stood still. */
export interface Stall extends Of<typeof stall> {}

export const lostClientsForm = record("Those of one host.", {
  clients: list("Their names.", text("One name.")),
  host: text("Where they ran: coordinator, or the name of a host."),
  atSecs: measured("Seconds since the start of the window; negative before it."),
  windowTransactions: count(
    "Transactions that they were to send in the window; 0 in a closed loop, which has no schedule.",
  ),
  reason: text("Why they were lost."),
});

/** Clients that ended, or were not heard of any more, before their run did: what they sent is known to nobody. */
export interface LostClients extends Of<typeof lostClientsForm> {}

export const evidenceForm = record(
  "What the verdict rests on besides the figures: with it anyone can judge the run again.",
  {
    windowTransactions: count("Transactions that the plan had due in the window."),
    nodeExits: list(
      "Nodes that ended without being asked to.",
      record("One end.", {
        node: text("Name of the node."),
        exitCode: whole("Absent where a signal ended it.").leftOutIf(null, (code) => code === null),
        signal: text("The signal that ended it.").leftOutIf(null, (signal) => signal === null),
      }),
    ),
    observerFailures: list(
      "Commit observers that lost their place, of nodes that were not down on purpose at the end.",
      record("One of them.", { node: text("Name of the node."), reason: text("Why it lost its place.") }),
    ),
    stalls: list("Stretches in which the load generator itself stood still.", stall).keyed("standstills"),
    inFlightCapReached: flag(
      "Whether the cap on requests under way kept a due transaction waiting while its node still answered.",
    ),
    lostClients: list(
      "Clients that ended, or were not heard of any more, before the run did; absent where none were. What they sent is known to nobody and stands in no figure.",
      lostClientsForm,
      { fewest: 1 },
    ).optional(),
  },
);

/** It is kept with a run, so that whoever reads it can judge it again and come to the same verdict. */
export interface RunEvidence extends Of<typeof evidenceForm> {}
