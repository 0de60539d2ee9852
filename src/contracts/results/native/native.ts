/**
 * Runs whose load the nodes make themselves, and what is known of them: what the nodes counted, or what they told of each
 * message, and nothing else.
 */
import { inline, type Of, record, type ValueOf } from "../../../core/documents/form.ts";
import {
  amount,
  asPercent,
  choice,
  constant,
  count,
  given,
  list,
  listIfAny,
  measured,
  positive,
  text,
} from "../../../core/documents/form-values.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { environmentForm } from "../../hosts/host-load.ts";
import { faultForm, helpersForm, nodeFields } from "../faults.ts";
import { linkCertificateForm } from "../links/link-certificate.ts";
import { placeInSweep, type RunResult, resultFields, windowStart } from "../result.ts";
import { commonParameters, programForm, protocolOptionsForm } from "../run-parameters.ts";
import { limitedByForm, type Verdict, verdictFields } from "../verdict.ts";
import { type FlowFigures, flowsForm } from "./flows.ts";
import { type MessageFigures, messagesForm } from "./messages.ts";
import { type RoutineFigures, routinesForm } from "./routines.ts";

const bounds = record(
  "The bucket of a quantile: above one edge, and not above the other.",
  {
    aboveMs: amount("The value is above this, milliseconds."),
    upToMs: amount("Not above this, milliseconds; omitted beyond the last bucket's edge.").optional(),
  },
  { id: "bounds" },
);

export interface LatencyBounds extends Of<typeof bounds> {}

export const boundsForm = (quantile: string, of = "latency") =>
  bounds
    .as(`${quantile} quantile of ${of}, as two edges of a bucket; omitted if nothing was observed.`)
    .optional();

const stdDev =
  "Standard deviation (n - 1), milliseconds; omitted if the nodes do not report the sum of squares.";

const nativeLatency = record("Histograms of all nodes, added bucket by bucket; omitted if there is none.", {
  count: count("Transactions in it."),
  meanMs: amount("Mean, exact from sum and count, milliseconds.").keyed("avg_ms").optional(),
  stdDevMs: amount(stdDev).optional(),
  p50: boundsForm("0.5"),
  p90: boundsForm("0.9"),
  p95: boundsForm("0.95"),
  p99: boundsForm("0.99"),
  p999: boundsForm("0.999"),
  buckets: list(
    "Buckets of the nodes, with cumulative counts.",
    record("One bucket.", {
      upToMs: measured("Upper edge, milliseconds; omitted for the last bucket, which has none.").optional(),
      count: count("Transactions at or below the edge."),
    }),
  ),
});

/** Latencies as the nodes counted them in buckets. */
export interface NativeLatency extends Of<typeof nativeLatency> {}

const perSecond = (which: string) =>
  amount(`${which} transactions per second in it; omitted unless every node reported it.`).optional();

const nativeSecond = record("One second.", {
  second: count("Seconds since the window's start, from 0."),
  submitted: perSecond("Submitted"),
  committed: perSecond("Committed"),
});

export interface NativeSecond extends Of<typeof nativeSecond> {}

/** What all nodes together counted. */
export const nativeFigureFields = {
  throughputTps: amount(
    "Committed transactions per second between the readings at the edges of the window; omitted if no node was observed at both. Of messages: those that every other peer could read. Of routines: deliveries divided by the number of other peers. Of flows: packets that arrived.",
  )
    .keyed("throughput")
    .optional(),
  committed: count("Sum over all nodes; if each counts the whole committee's, the count of the median node.")
    .keyed("committed_transactions")
    .optional(),
  submittedTps: amount("Submitted transactions per second over all nodes; omitted if not reported.")
    .keyed("submitted_load")
    .optional(),
  submitted: count("Submitted transactions over all nodes; omitted if not reported.")
    .keyed("submitted_transactions")
    .optional(),
  spreadRatio: asPercent(
    "Largest minus smallest count of the nodes, percent of the median; omitted if each counts only its own.",
    { least: 0 },
  )
    .keyed("committed_spread_percent")
    .optional(),
  avg_latency_ms: amount("Mean latency, exact, milliseconds; omitted if nothing was observed.")
    .ifKnown()
    .derived(),
  latency_std_dev_ms: amount(stdDev).ifKnown().derived(),
  latency_kind: constant(
    "Latency as the nodes measure it; they define its start and end.",
    "native",
  ).derived(),
  latency: nativeLatency.optional(),
  latencyRefused: text("Why there is no latency; omitted if there is one.").optional(),
  notShown: listIfAny(
    "Counters of the description that some node did not report at both edges; omitted if there are none.",
    text("One counter."),
  ).keyed("counters_not_shown"),
  seconds: list("The seconds of the window; empty if nodes were read less often.", nativeSecond),
  messages: messagesForm.optional(),
  routines: routinesForm.optional(),
  flows: flowsForm.optional(),
};

/** Latency of what nodes told of each message or packet, with single values instead of buckets. */
export const peerLatencyOf = ({
  messages,
  routines,
  flows,
}: {
  readonly messages?: MessageFigures | undefined;
  readonly routines?: RoutineFigures | undefined;
  readonly flows?: FlowFigures | undefined;
}) => (messages ?? routines ?? flows)?.latency;

const results = record(
  "Counts of the nodes in the window, and what was done to nodes and links in it.",
  {
    ...nativeFigureFields,
    faults: listIfAny("What the timeline did to nodes, in order; omitted if there was nothing.", faultForm),
    linkChanges: resultFields.linkChanges,
  },
  {
    derive: (figures) => {
      const latency = peerLatencyOf(figures) ?? figures.latency;
      return {
        avg_latency_ms: latency?.meanMs && rounded(latency.meanMs),
        latency_std_dev_ms: latency?.stdDevMs && rounded(latency.stdDevMs),
        latency_kind: "native",
      };
    },
  },
);

/** What one node counted between the two looks at it that are nearest to the window's edges. */
const nodeCounts = {
  fromSecs: measured(
    "When its counters were first read in the window, seconds from its start; omitted, like all below, if it was not observed at both edges.",
  ),
  toSecs: measured("When they were last read in the window, seconds from its start."),
  answerSecs: amount(
    "How long the slower of the two replies took, seconds: the counts are from some moment in that time.",
  ),
  committed: count("Increase of its committed transactions between the two readings.").keyed(
    "committed_transactions",
  ),
  submitted: count("Increase of its submitted transactions; omitted if not reported.")
    .keyed("submitted_transactions")
    .optional(),
  resets: count("How often its counters were reset.").keyed("counter_resets"),
};

export interface NativeNode extends ValueOf<typeof nodeCounts> {
  readonly name: string;
}

/** What the nodes of a run counted in its window. */
export interface NativeFigures extends Omit<Of<typeof results>, "faults" | "linkChanges"> {
  /** Those that were seen at both edges. */
  readonly nodes: readonly NativeNode[];
}

export const nativeRunSchema = "baleen.native-run/1";

export const nativeGeneratorForm = constant("Source of the load: the nodes themselves.", "native");

export const nativeVerdictFields = {
  ...verdictFields(
    "valid: the figures are reliable if the nodes count correctly. generator-limited: the nodes submitted less than configured, or the shaper of the links was late. invalid: the figures do not mean what their names say.",
  ),
  limitedBy: limitedByForm,
};

/** The keys of such a run's file. */
export const nativeFields = {
  generator: nativeGeneratorForm,
  ...placeInSweep,
  parameters: record("Parameters of the run.", {
    name: commonParameters.name,
    tags: commonParameters.tags,
    nodes: commonParameters.nodes,
    loadTps: positive("Configured load of the nodes, transactions per second over all of them.").keyed(
      "load",
    ),
    durationSecs: commonParameters.durationSecs,
    transactionSizeBytes: commonParameters.transactionSizeBytes,
    runtime: commonParameters.runtime,
    protocol: commonParameters.protocol,
    program: programForm,
    links: commonParameters.links,
    timeline: commonParameters.timeline,
    warmUpSecs: commonParameters.warmUpSecs,
    protocolOptions: protocolOptionsForm,
    countedOf: choice("Which transactions a node counts as committed: its own, or the whole committee's.", [
      "node",
      "committee",
    ]).keyed("committed_of"),
  }),
  results,
  timestamp: windowStart,
  nodes: list(
    "State and counts of each node.",
    record("One node.", { ...nodeFields, counts: inline(nodeCounts, "optional") }),
  ),
  helpers: helpersForm,
  linkCertificate: linkCertificateForm.optional(),
  environment: environmentForm.optional(),
  verdict: record("Whether the figures are reliable.", {
    ...nativeVerdictFields,
    limits: record("Limits that the verdict is based on.", {
      achievedRatio: given("Below this ratio of submitted load, a run is generator-limited.", {
        least: 0,
        most: 1,
      }),
    }),
  }),
};

type Published = ValueOf<typeof nativeFields>;

/** How a run was done whose load the nodes made. */
export type NativeParameters = Published["parameters"] &
  Pick<Published, "networkType"> & {
    /** Submitted / asked below this is the nodes' generators' fault, 0 to 1. */
    readonly achievedRatio: number;
  };

/** One load level, once. */
export interface NativeResult
  extends Pick<
      Published,
      "benchmarkNumber" | "repetition" | "timestamp" | "helpers" | "linkCertificate" | "environment"
    >,
    Pick<RunResult, "faults" | "linkChanges"> {
  readonly kind: "native";
  /** As the nodes measured it: from what moment to what moment they alone know. */
  readonly latencyKind: "native";
  readonly parameters: NativeParameters;
  readonly figures: NativeFigures;
  readonly nodes: RunResult["nodes"];
  readonly verdict: Verdict;
}

/** One run of one load level, whoever made the load. */
export type MeasuredRun = RunResult | NativeResult;
