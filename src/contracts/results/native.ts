/** Runs whose load the nodes make themselves, and what is known of them: what the nodes counted, and nothing else. */
import { inline, type Of, record, type ValueOf } from "../../core/documents/form.ts";
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
} from "../../core/documents/form-values.ts";
import { rounded } from "../../core/documents/numbers.ts";
import { environmentForm } from "../hosts/host-load.ts";
import { nodeFields } from "./faults.ts";
import { placeInSweep, type RunResult, windowStart } from "./result.ts";
import { commonParameters, programForm, protocolOptionsForm } from "./run-parameters.ts";
import { type Verdict, verdictFields } from "./verdict.ts";

const bounds = record(
  "A quantile as far as buckets tell: above the one edge, and not above the other.",
  {
    aboveMs: amount("The value is above this, milliseconds."),
    upToMs: amount("And not above this, milliseconds; absent beyond the last bucket's edge.").optional(),
  },
  { id: "bounds" },
);

export interface LatencyBounds extends Of<typeof bounds> {}

export const boundsForm = (quantile: string, of = "latency") =>
  bounds
    .as(`${quantile} quantile of ${of}, as two edges of a bucket; absent where nothing was seen.`)
    .optional();

const stdDev =
  "Standard deviation (n - 1), milliseconds; absent where the nodes do not tell the sum of squares.";

const nativeLatency = record("Histograms of all nodes, added bucket by bucket; absent where there is none.", {
  count: count("Transactions in it."),
  meanMs: amount("Mean, exact from sum and count, milliseconds.").keyed("avg_ms").optional(),
  stdDevMs: amount(stdDev).optional(),
  p50: boundsForm("0.5"),
  p90: boundsForm("0.9"),
  p95: boundsForm("0.95"),
  p99: boundsForm("0.99"),
  p999: boundsForm("0.999"),
  buckets: list(
    "As the nodes have them, with what fell at or below each edge.",
    record("One bucket.", {
      upToMs: measured("Upper edge, milliseconds; absent of the last bucket, which has none.").optional(),
      count: count("Transactions at or below the edge."),
    }),
  ),
});

/** Latencies as the nodes counted them in buckets. */
export interface NativeLatency extends Of<typeof nativeLatency> {}

const perSecond = (which: string) =>
  amount(`${which} transactions per second in it; absent where not every node told.`).optional();

const nativeSecond = record("One second.", {
  second: count("From 0, since the window's start."),
  submitted: perSecond("Submitted"),
  committed: perSecond("Committed"),
});

export interface NativeSecond extends Of<typeof nativeSecond> {}

/** What all nodes together counted. */
export const nativeFigureFields = {
  throughputTps: amount(
    "Committed transactions per second, over the time between the looks at the edges; absent where no node was seen at both.",
  )
    .keyed("throughput")
    .optional(),
  committed: count(
    "Of all nodes together; where each counts the whole committee's, what the median node counted.",
  )
    .keyed("committed_transactions")
    .optional(),
  submittedTps: amount(
    "Submitted transactions per second, of all nodes together; absent where it is not told.",
  )
    .keyed("submitted_load")
    .optional(),
  submitted: count("Submitted transactions, of all nodes together; absent where it is not told.")
    .keyed("submitted_transactions")
    .optional(),
  spreadRatio: asPercent(
    "Largest less smallest count of the nodes, in percent of the median; absent where each counts its own alone.",
    { least: 0 },
  )
    .keyed("committed_spread_percent")
    .optional(),
  avg_latency_ms: amount("Mean latency, exact, milliseconds; absent where nothing was seen.")
    .ifKnown()
    .derived(),
  latency_std_dev_ms: amount(stdDev).ifKnown().derived(),
  latency_kind: constant(
    "Latency as the nodes measured it, from what moment to what moment they alone know.",
    "native",
  ).derived(),
  latency: nativeLatency.optional(),
  latencyRefused: text("Why there is no latency; absent where there is one.").optional(),
  notShown: listIfAny(
    "Counters that the description names, and that not every node showed at both edges; absent where there are none.",
    text("One counter."),
  ).keyed("counters_not_shown"),
  seconds: list("The seconds of the window; empty where nodes were looked at more rarely.", nativeSecond),
};

const figures = record("What the nodes counted in the window.", nativeFigureFields, {
  derive: ({ latency }) => ({
    avg_latency_ms: latency?.meanMs && rounded(latency.meanMs),
    latency_std_dev_ms: latency?.stdDevMs && rounded(latency.stdDevMs),
    latency_kind: "native",
  }),
});

/** What one node counted between the two looks at it that are nearest to the window's edges. */
const nodeCounts = {
  fromSecs: measured(
    "When its counters were first read in the window, seconds from its start; absent, like all below, where it was not seen at both edges.",
  ),
  toSecs: measured("When they were last read in it, seconds from its start."),
  answerSecs: amount(
    "How long the slower of the two answers took, seconds: the counts are of some moment of that time.",
  ),
  committed: count("By how much its count of committed transactions rose between the two.").keyed(
    "committed_transactions",
  ),
  submitted: count("The same of submitted ones; absent where it is not told.")
    .keyed("submitted_transactions")
    .optional(),
  resets: count("How often its counters began anew.").keyed("counter_resets"),
};

export interface NativeNode extends ValueOf<typeof nodeCounts> {
  readonly name: string;
}

/** What the nodes of a run counted in its window. */
export interface NativeFigures extends Of<typeof figures> {
  /** Those that were seen at both edges. */
  readonly nodes: readonly NativeNode[];
}

export const nativeRunSchema = "baleen.native-run/1";

export const nativeGeneratorForm = constant("Who made the load: the nodes themselves.", "native");

export const nativeVerdictFields = verdictFields(
  "valid: the numbers can be believed as far as the nodes count right. generator-limited: the nodes submitted less than they were told. invalid: the numbers mean something else than they say.",
);

/** The keys of such a run's file. */
export const nativeFields = {
  generator: nativeGeneratorForm,
  ...placeInSweep,
  parameters: record("How the run was done.", {
    nodes: commonParameters.nodes,
    loadTps: positive("What the nodes were told to submit, transactions per second over all of them.").keyed(
      "load",
    ),
    durationSecs: commonParameters.durationSecs,
    transactionSizeBytes: commonParameters.transactionSizeBytes,
    runtime: commonParameters.runtime,
    protocol: commonParameters.protocol,
    program: programForm,
    warmUpSecs: commonParameters.warmUpSecs,
    protocolOptions: protocolOptionsForm,
    countedOf: choice("Whose transactions a node counts as committed: its own, or the whole committee's.", [
      "node",
      "committee",
    ]).keyed("committed_of"),
  }),
  results: figures,
  timestamp: windowStart,
  nodes: list(
    "What became of each node, and what it counted.",
    record("One node.", { ...nodeFields, counts: inline(nodeCounts, "optional") }),
  ),
  environment: environmentForm.optional(),
  verdict: record("Whether the numbers can be believed.", {
    ...nativeVerdictFields,
    limits: record("What the run was judged by.", {
      achievedRatio: given("Submitted load / load below this makes the run generator-limited.", {
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
  extends Pick<Published, "benchmarkNumber" | "repetition" | "timestamp" | "environment"> {
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
