/** What flows came to in two sweeps: flow by flow, and by the loss of their direct links. */
import { type Of, record } from "../../../core/documents/form.ts";
import {
  amount,
  asPercent,
  choice,
  count,
  list,
  listIfAny,
  positive,
  sixDigits,
  text,
} from "../../../core/documents/form-values.ts";
import { interval } from "../interval.ts";

/** Figures of a flow in one run, in the order of the tables. */
export const comparedFlowFigures = [
  "goodput_mbps",
  "loss_percent",
  "arrived_p50_ms",
  "arrived_p99_ms",
  "interrupted_ms",
  "longest_gap_ms",
  "handover_ms",
] as const;
export type ComparedFlowFigure = (typeof comparedFlowFigures)[number];

const figureForm = record("One figure on both sides.", {
  figure: choice(
    "Goodput, lost packets, median and 99th percentile of the latency of packets that arrived, length of all interruptions together, longest gap, and time from the crossing to recovery (mean of the handovers).",
    comparedFlowFigures,
  ),
  a: amount("Mean over the first sweep's counted runs; omitted if no run has it.").optional(),
  b: amount("Mean over the second sweep's counted runs; likewise.").optional(),
  ratio: sixDigits("b / a, to six significant digits; omitted if a is 0.").optional(),
  confidence: interval(
    "Confidence interval of the ratio (percentile bootstrap over the runs), from four runs per side, all above 0.",
  )
    .keyed("ratio_confidence_95")
    .optional(),
});

export interface FlowFigureComparison extends Of<typeof figureForm> {}

const keptSide = record(
  "Goodput kept in a band on one side.",
  {
    keptRatio: asPercent("Mean over the runs, percent of the undisturbed goodput.", { least: 0 }),
    confidence: interval(
      "Confidence interval of the mean (percentile bootstrap over the runs), ratios; from four runs.",
    )
      .keyed("kept_confidence_95")
      .optional(),
    runs: count("Counted runs that have seconds in the band."),
  },
  { id: "kept-side" },
);

export interface KeptSide extends Of<typeof keptSide> {}

const share = { least: 0, most: 100 };

const bandForm = record("One band of the emulated loss of the direct links.", {
  fromLossRatio: asPercent("Lower end of the band, percent.", share),
  toLossRatio: asPercent("Upper end, percent.", share),
  a: keptSide.as("The first sweep; omitted if no run has seconds in the band.").optional(),
  b: keptSide.as("The second sweep; likewise.").optional(),
  sentence: text("Both sides as a sentence; omitted unless both have the band.").optional(),
});

export interface KeptComparison extends Of<typeof bandForm> {}

const sideForm = record(
  "Runs of a sweep at the load.",
  {
    network: text("Name of the network under test."),
    runs: count("Runs that are not invalid: each is one value."),
  },
  { id: "flow-side" },
);

export const comparedFlowsForm = record("Flows at one load that both sweeps have.", {
  loadTps: positive("The load, packets per second.").keyed("load"),
  a: sideForm.as("The first sweep."),
  b: sideForm.as("The second sweep."),
  flows: list(
    "Flows that both sides have.",
    record("One flow.", { name: text("Name of the flow."), figures: list("Its figures.", figureForm) }),
  ),
  kept: listIfAny("Goodput kept, by the loss of the direct links; omitted if not known.", bandForm),
});

/** Flows at one load of two sweeps. */
export interface ComparedFlows extends Of<typeof comparedFlowsForm> {}
