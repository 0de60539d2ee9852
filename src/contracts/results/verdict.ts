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
  reasons: list("One sentence per reason, with figures and limit; empty for valid.", text("One reason.")),
});

export const verdictStatusMeaning =
  "valid: the figures are reliable. generator-limited: they are correct, but describe the load generator as much as the network. invalid: they do not mean what their names say.";

export const limitedByForm = choice(
  "What limited a generator-limited run: machine if all that counts against the run came late, mostly in seconds in which other programs, the hypervisor or waiting for memory passed a limit on the clients' machines; shaper if all that counts against the run is that the shaper of the links was late; otherwise generator. Omitted with other verdicts, and by earlier versions.",
  ["generator", "machine", "shaper"],
).optional();

export const verdictForm = record("Whether the figures are reliable.", {
  ...verdictFields(verdictStatusMeaning),
  limitedBy: limitedByForm,
});

export interface Verdict extends Of<typeof verdictForm> {}

export const verdictLimitsForm = record("Limits that the verdict is based on.", {
  latenessFloorMs: given(
    "Limit for the 99th percentile of send lateness: the greater of this, milliseconds, ...",
  ),
  latenessRatio: given("... and this share of the median headline latency; 1 is all of it."),
  achievedRatio: given("A ratio of sent to scheduled below this is the load generator's fault; 1 is all."),
});

/** Limits a run is judged by; parameters with defaults. */
export interface VerdictLimits extends Of<typeof verdictLimitsForm> {}

const stall = record("One stall.", {
  atSecs: measured("Seconds since the start of the window; negative before it."),
  lengthMs: amount("Milliseconds."),
  cause: choice(
    "asleep: the machine slept; stopped: the process got no time; clock-step: wall time jumped.",
    ["asleep", "stopped", "clock-step"],
  ),
});

/** A segment in which a client itself stood still. */
export interface Stall extends Of<typeof stall> {}

export const lostClientsForm = record("Lost clients of one host.", {
  clients: list("Their names.", text("One name.")),
  host: text("Where they ran: coordinator, or the name of a host."),
  atSecs: measured("Seconds since the start of the window; negative before it."),
  windowTransactions: count(
    "Transactions that they had to send in the window; 0 in a closed loop, which has no schedule.",
  ),
  reason: text("Why they were lost."),
});

/** Clients that ended, or were not heard of any more, before their run did: what they sent is known to nobody. */
export interface LostClients extends Of<typeof lostClientsForm> {}

export const evidenceForm = record(
  "What the verdict depends on besides the figures, so that anyone can reproduce it.",
  {
    windowTransactions: count("Transactions that the plan scheduled in the window."),
    nodeExits: list(
      "Nodes that ended unexpectedly.",
      record("One end.", {
        node: text("Name of the node."),
        exitCode: whole("Omitted if a signal ended it.").leftOutIf(null, (code) => code === null),
        signal: text("The signal that ended it.").leftOutIf(null, (signal) => signal === null),
      }),
    ),
    observerFailures: list(
      "Commit observers that lost their place, for nodes that were not down on purpose at the end.",
      record("One of them.", { node: text("Name of the node."), reason: text("Why it lost its place.") }),
    ),
    stalls: list("Stalls of the load generator itself.", stall).keyed("standstills"),
    inFlightCapReached: flag(
      "Whether the cap on requests in flight delayed a due transaction while its node still replied.",
    ),
    lateSeconds: record(
      "Seconds of the window whose sends were late: with a 99th percentile above the limit for the whole window. Omitted if there were none, or if nothing was known about the machines.",
      {
        late: count("Their number."),
        disturbed: count(
          "Of these, the seconds in which other programs, the hypervisor or waiting for memory passed a limit on a client's machine.",
        ),
      },
    ).optional(),
    lostClients: list(
      "Clients that ended or stopped responding before the end of the run; omitted if there were none. What they sent is unknown and not part of any figure.",
      lostClientsForm,
      { fewest: 1 },
    ).optional(),
  },
);

/** It is kept with a run, so that whoever reads it can judge it again and come to the same verdict. */
export interface RunEvidence extends Of<typeof evidenceForm> {}
