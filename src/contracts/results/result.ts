/** What a run found, and how it is published: schema/run.schema.json is made of this. */
import { group, type Of, record, type ValueOf } from "../../core/documents/form.ts";
import {
  amount,
  asPercent,
  choice,
  count,
  list,
  listIfAny,
  measured,
  natural,
  text,
  time,
  whole,
} from "../../core/documents/form-values.ts";
import { rounded } from "../../core/documents/numbers.ts";
import { environmentForm } from "../hosts/host-load.ts";
import { linkGapForm, runLinksForm } from "../nodes/links.ts";
import { faultForm, helpersForm, nodeForm, segmentForm } from "./faults.ts";
import { generatorForm, observerForm } from "./generator.ts";
import { latencyForm, ledgerForm } from "./latency.ts";
import { linkCertificateForm } from "./links/link-certificate.ts";
import { linkChangeForm } from "./links/link-changes.ts";
import { networkTypeForm, type RunParameters, runParametersForm } from "./run-parameters.ts";
import { blockAgeForm, safetyForm } from "./safety.ts";
import {
  evidenceForm,
  limitedByForm,
  type Verdict,
  verdictFields,
  verdictLimitsForm,
  verdictStatusMeaning,
} from "./verdict.ts";

const phase = record(
  "A part of the window with its own load. Times are seconds since the start of the window.",
  {
    name: text("Its name, or step and number."),
    fromSecs: amount("Start of the phase, seconds."),
    toSecs: amount("Its end, seconds."),
    offered_load: amount("Transactions due in it, per second.").ifKnown().derived(),
    throughput: amount(
      "Commits (acknowledgements if latency_kind is response) observed during the phase, per second.",
    )
      .ifKnown()
      .derived(),
    scheduled: count("Transactions due in it.").keyed("scheduled_transactions"),
    successful: count(
      "Of these, observed as committed (acknowledged if latency_kind is response) at any time.",
    ).keyed("successful_transactions"),
    failed_transactions: whole("Of these, the others.").derived(),
    observed: count(
      "The count behind throughput, whenever the transactions were due; the counts of all phases add up to observed_in_window.",
    ),
    latency: latencyForm.as("The headline latency of its transactions."),
  },
  {
    id: "phase",
    // They follow from counts and times as these are published.
    derive: ({ fromSecs, toSecs, scheduled, successful, observed }) => {
      const lengthSecs = rounded(toSecs) - rounded(fromSecs);
      const rate = (count: number) => (lengthSecs > 0 ? rounded(count / lengthSecs) : undefined);
      return {
        offered_load: rate(scheduled),
        throughput: rate(observed),
        failed_transactions: scheduled - successful,
      };
    },
  },
);

export interface PhaseResult extends Of<typeof phase> {}

const client = record("One client.", {
  name: text("Name of the client."),
  host: text("Where it ran: coordinator, or the name of a host."),
  startErrorMs: amount(
    "Largest difference between the start of its window and the run's, milliseconds: half the shortest round trip of the clock comparison before the warm-up. Omitted if both use one clock.",
  ).optional(),
  ledger: ledgerForm.as("Its own transactions."),
  lateness: latencyForm.as("Lateness of its sends."),
  generator: generatorForm.optional(),
});

/** What one load-generating client did; the run's own figures are all of them together. */
export interface ClientOutcome extends Of<typeof client> {}

export const runSchema = "baleen.run/1";

/** Keys of every run, whoever made its load. */
export const placeInSweep = {
  networkType: networkTypeForm,
  benchmarkNumber: natural("Number of this run in its sweep, from 1."),
  repetition: natural("Number of this run among the runs of its load, from 1."),
};

export const windowStart = time("Start of the measurement window, wall time, RFC 3339 UTC.");

/** What was measured in the window. */
export const resultFields = {
  throughputTps: amount(
    "Commits (acknowledgements if latency_kind is response) observed in the window, transactions per second.",
  ).keyed("throughput"),
  observedInWindow: count(
    "The count behind throughput: commits (acknowledgements if latency_kind is response) observed in the window, including those of warm-up transactions. It is the sum of that column of timeseries.csv over the window's rows.",
  ),
  avg_latency_ms: amount(
    "Mean of the latency that latency_kind names, milliseconds; omitted if nothing was observed.",
  )
    .ifKnown()
    .derived(),
  latency_std_dev_ms: amount("Its sample standard deviation (n - 1), milliseconds; omitted below two.")
    .ifKnown()
    .derived(),
  duration_secs: measured("Length of the measurement window, seconds.", { above: 0 }).derived(),
  successful: count(
    "Transactions due in the window that were observed as committed (acknowledged if latency_kind is response).",
  ).keyed("successful_transactions"),
  failed: count("Transactions due in the window that were not successful.").keyed("failed_transactions"),
  offeredTps: amount(
    "Transactions due in the window, per second; omitted in a closed loop, which has no schedule.",
  )
    .keyed("offered_load")
    .optional(),
  efficiencyRatio: asPercent("Throughput as percent of the offered load; omitted in a closed loop.", {
    least: 0,
  }).optional(),
  successRatio: asPercent("Transactions due in the window that succeeded, percent.", {
    least: 0,
    most: 100,
  }).keyed("success_rate_percent"),
  backlogGrowthRatio: asPercent(
    "Growth of the backlog: transactions that are due and not yet committed (acknowledged if latency_kind is response). Least-squares slope of their number at the end of each whole second of the window, as percent of the offered load. Negative if the backlog shrinks; omitted if the window has fewer than three whole seconds.",
  ).optional(),
  backlogGrowthErrorRatio: asPercent(
    "Standard error of that slope, from its residuals, as percent of the offered load; omitted with the slope.",
    { least: 0 },
  ).optional(),
  latencyKind: choice("The headline latency: commit if commits can be observed, otherwise response.", [
    "commit",
    "response",
  ]),
  latency: record("All latencies; those that could not be observed are omitted.", {
    commit: latencyForm.as("From due to commit seen by the client, milliseconds.").optional(),
    commitService: latencyForm.as("From actual send to commit seen by the client, milliseconds.").optional(),
    response: latencyForm
      .as("From due to reply, acceptance or refusal, milliseconds; not observed where no reply came.")
      .optional(),
    responseAccepted: latencyForm
      .as("The part of response whose transactions were accepted; omitted if none was refused.")
      .optional(),
    responseRefused: latencyForm
      .as("The part of response whose transactions were refused; omitted if none was.")
      .optional(),
    submit: latencyForm
      .as("From actual send to reply, acceptance or refusal, milliseconds; not observed where no reply came.")
      .optional(),
    submitAccepted: latencyForm
      .as("The part of submit whose transactions were accepted; omitted if none was refused.")
      .optional(),
    submitRefused: latencyForm
      .as("The part of submit whose transactions were refused; omitted if none was.")
      .optional(),
  }),
  redirected: count(
    "Transactions due in the window that failover sent to a node other than their own.",
  ).keyed("redirected_transactions"),
  faults: list("Injected faults, in order; empty if none were requested.", faultForm),
  linkChanges: listIfAny(
    "Changes of links, in the order of their times; omitted if there were none.",
    linkChangeForm,
  ),
  segments: list(
    "Segments of the run: a new one starts when the set of nodes that are down on purpose changes. Empty if no faults were requested.",
    segmentForm,
  ).keyed("stretches"),
  phases: list(
    "The window, split at each phase, step or point of a trace of its profile; empty if the profile has none. Counts add up to those of the window.",
    phase,
  ),
  blockAge: blockAgeForm.optional(),
};

/** The keys of a run's file. */
export const runFields = {
  kind: choice(
    "Kind of workload: transactions are sent on a schedule that does not wait for replies (open-loop), or each after another's reply (closed-loop).",
    ["open-loop", "closed-loop"],
  ),
  ...placeInSweep,
  parameters: runParametersForm,
  results: group("Figures measured in the window.", resultFields),
  timestamp: windowStart,
  // The wait in a node's queue is the node's doing, and part of commit and response latency.
  lateness: latencyForm.as(
    "Lateness of the load generator, milliseconds: from due until handed to a connection, or to the queue of a node whose share of the in-flight cap is used up.",
  ),
  ledger: ledgerForm.as(
    "Outcome of every transaction due in the window: scheduled = all cells of sent + unsent, or the run is invalid. Values are numbers of transactions.",
  ),
  clients: list("Results of each load-generating client; the run's ledger is the sum of theirs.", client),
  rejections: list(
    "Rejections by the node's reason, and failed connections by theirs, most frequent first; reasons after the first hundred are counted as one.",
    record("One reason.", {
      reason: text("The node's code and text."),
      count: count("Transactions rejected for it."),
    }),
    { most: 101 },
  ),
  nodes: list("State of each node.", nodeForm),
  helpers: helpersForm,
  links: runLinksForm.optional(),
  linkGaps: listIfAny(
    "Interruptions of the connection from the coordinator to a host during the run, by start; omitted if there were none.",
    linkGapForm,
  ),
  linkCertificate: linkCertificateForm.optional(),
  safety: safetyForm.optional(),
  observer: observerForm.optional(),
  environment: environmentForm.optional(),
  evidence: evidenceForm,
  verdict: record("Whether the figures are reliable.", {
    ...verdictFields(verdictStatusMeaning),
    limitedBy: limitedByForm,
    limits: verdictLimitsForm,
  }),
};

type PublishedRun = ValueOf<typeof runFields>;

/** One load level, once. Ratios are not rounded; 1 is all. */
export interface RunResult extends Omit<PublishedRun, "networkType" | "parameters" | "verdict"> {
  readonly parameters: RunParameters;
  readonly verdict: Verdict;
}
