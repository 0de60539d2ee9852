/** What two sweeps have in common and where they differ; schema/comparison.schema.json is made of this. */
import { inline, type Of, record } from "../../core/documents/form.ts";
import {
  amount,
  asPercent,
  choice,
  count,
  documentForm,
  list,
  measured,
  positive,
  sixDigits,
  text,
} from "../../core/documents/form-values.ts";
import { bounded, neverBoth } from "./bounded.ts";
import { metricFields } from "./load-summary.ts";
import type { MeasuredRun } from "./native.ts";
import { networkTypeForm } from "./run-parameters.ts";

/** What is compared, in the order of the tables. Latencies are the headline's. */
export const comparedMetrics = [
  "throughput",
  "avgLatency",
  "latencyStdDev",
  "p50Latency",
  "p99Latency",
  "successRate",
  "efficiency",
] as const;

export type ComparedMetric = (typeof comparedMetrics)[number];

/** What the verdict speaks of, and what is therefore tested: the two that a reader asks for first. */
export const spokenMetrics = ["throughput", "avgLatency"] as const satisfies readonly ComparedMetric[];

export type SpokenMetric = (typeof spokenMetrics)[number];

const side = record(
  "A sweep.",
  {
    path: text("Path of its bundle, or of the run's file."),
    protocol: text("The system under test; absent where no run finished.").optional(),
    networkType: networkTypeForm,
    runs: count("Runs that finished."),
    loadKind: choice(
      "What its loads are: transactions per second (open-loop), transactions under way (closed-loop), or transactions per second that the nodes made themselves (native). Absent where there is no run.",
      ["open-loop", "closed-loop", "native"],
    ).optional(),
    endedEarly: text("Why it ended before its last run; absent where it did not.").optional(),
  },
  { id: "side" },
);

export interface ComparedSide extends Of<typeof side> {}

export const interval = (about: string) =>
  record(about, { low: sixDigits("Lower end."), high: sixDigits("Upper end.") });

/** 95 % confidence interval. */
export interface Interval extends Of<ReturnType<typeof interval>> {}

const significance = {
  p: sixDigits(
    "Two-sided p of the Mann-Whitney U test over the runs, each one value; of throughput and average latency, from four runs a side.",
    { above: 0, most: 1 },
  ).keyed("p_value"),
  adjustedP: sixDigits(
    "The same after Holm's correction over all tests of this comparison. Below 0.05 the sides differ.",
    { above: 0, most: 1 },
  ).keyed("p_value_adjusted"),
  delta: sixDigits("Cliff's delta: 1 where every run of B is above every run of A, -1 where below.", {
    least: -1,
    most: 1,
  }).keyed("effect_size"),
  smallestEffectRatio: asPercent(
    "Smallest difference that counts here: min_effect_percent, or the calibration's noise floor where that is larger.",
    { least: 0 },
  ),
};

const bound = "a lower bound, since a run's value is one.";
const upTo = "And not above this: quantiles that nodes counted lie in a bucket.";

const percentage = (about: string) => asPercent(about, { least: 0 });

const metricOf = (value: typeof amount, difference: typeof amount) =>
  record(
    "One metric on both sides. What a run that counts did not see is left out.",
    {
      a: bounded(value, ["Mean over the first sweep's runs.", `In place of a: ${bound}`, upTo]),
      b: bounded(value, ["Mean over the second sweep's runs.", `In place of b: ${bound}`, upTo]),
      ratio: sixDigits("b / a, to six significant digits.").optional(),
      difference: difference("b - a, in the metric's unit.").optional(),
      confidence: interval("Confidence interval of the ratio (percentile bootstrap), from four runs a side.")
        .keyed("ratio_confidence_95")
        .optional(),
      significance: inline(significance, "optional"),
    },
    { keywords: neverBoth("a", "b") },
  );

const metric = metricOf(amount, measured);
const ratioMetric = metricOf(percentage, asPercent);

/** One metric at one load: tx/s, ms, or ratios (1 is all). Values are absent where a run that counts did not see it. */
export interface MetricComparison extends Of<typeof metric> {}

const metrics = record("What was measured.", metricFields(metric, ratioMetric));

const loadSide = record(
  "A sweep's runs at one load.",
  {
    counted: count("Runs that the values stand for."),
    invalid: count("Runs left out because their verdict is invalid."),
    generatorLimited: count(
      "Of those counted: runs that describe the load generator as much as the network.",
    ),
    disturbed: count("Of those counted: runs during which other things went on on the machines."),
    latencyKinds: list(
      "Kinds of the headline latency among those counted. Different kinds are not divided.",
      choice("A kind of latency.", ["commit", "response", "native"]),
    ),
    unseen: count(
      "Transactions of those counted whose end was never seen. Mean and standard deviation are of the others alone, so they are not divided where there is one.",
    ).keyed("unseen_transactions"),
  },
  { id: "runs" },
);

export interface LoadSide extends Of<typeof loadSide> {}

const load = record("One load.", {
  loadTps: positive("The load over all nodes, in what the sides' load_kind says.").keyed("load"),
  a: loadSide.as("Runs of the first sweep."),
  b: loadSide.as("Runs of the second sweep."),
  metrics,
  outcome: choice(
    "Of B against A. faster: a higher throughput or a lower average latency, the other not being worse; slower: the reverse; mixed: one better, one worse; where one of the two cannot be compared, of the other alone. no-difference: none was seen. no-verdict: from too few runs.",
    ["faster", "slower", "mixed", "no-difference", "not-comparable", "no-verdict"],
  ),
  verdict: text("The same in a sentence, with the figures or the reason."),
});

export interface LoadComparison extends Of<typeof load> {}

/** no-difference: none was seen, which is not the same as none being there. */
export type ComparisonOutcome = LoadComparison["outcome"];

const difference = record("One parameter.", {
  name: text("Its name in a run's file; options of the protocol by their own names."),
  a: text('Its value in the first sweep; several joined by "or"; "-" where it has none.'),
  b: text("Its value in the second sweep, likewise."),
  of: choice(
    "system: it belongs to what is measured. measurement: to how, so that not all that differs is the systems' doing.",
    ["system", "measurement"],
  ),
});

export interface ParameterDifference extends Of<typeof difference> {}

const oneLoad = positive("A load, transactions per second.");

export const comparisonForm = documentForm(
  "baleen.comparison/1",
  "Two sweeps, load by load: comparison.json. Values are means over a side's runs at a load, invalid runs left out, rounded to three decimals.",
  {
    a: side.as("The first sweep, by which is divided."),
    b: side.as("The second sweep."),
    minEffectRatio: asPercent("Smallest difference, percent of A's value, that counts as one.", {
      least: 0,
    }),
    calibration: text(
      "Path of the calibration whose noise floors count besides; absent where none was given.",
    ).optional(),
    differences: list("Parameters in which the sweeps differ at a load that both have.", difference),
    loads: list("The loads that both sweeps have, in order.", load),
    onlyA: list("Loads that the first sweep has alone.", oneLoad),
    onlyB: list("Loads that the second sweep has alone.", oneLoad),
  },
);

export interface Comparison extends Of<typeof comparisonForm> {}

/** A sweep that is compared. */
export interface SideRuns extends Omit<ComparedSide, "runs" | "protocol" | "loadKind"> {
  readonly runs: readonly MeasuredRun[];
}
