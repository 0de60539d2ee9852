/** Several sweeps that differ in one option or two: what was varied, and where the bundle of each point is. */
import { type Of, record } from "../../core/documents/form.ts";
import {
  choice,
  documentForm,
  flag,
  list,
  listIfAny,
  measured,
  positive,
  setting,
  sixDigits,
  table,
  text,
} from "../../core/documents/form-values.ts";
import { interval } from "./interval.ts";

/** Options that one command varies. */
export const mostVaried = 2;

/** Values of one option. */
export const mostValues = 50;

/** Sweeps of one command. */
export const mostPoints = 100;

const option = record("One option.", {
  name: text("Its name: committee, or protocol.NAME of an option of the protocol."),
  values: list("Its values, in the order in which they were given.", setting("A number or text."), {
    fewest: 2,
    most: mostValues,
  }),
});

export interface VariedOption extends Of<typeof option> {}

const point = record("One point: a value of each option.", {
  values: list("A value of each option, in the order of options.", setting("A number or text."), {
    fewest: 1,
    most: mostVaried,
  }),
  bundle: text("Its bundle: a folder beside this file."),
  status: choice(
    "As the command that varied left it. finished: all runs have ended. ended-early: not all have. not-run: the command ended before it.",
    ["finished", "ended-early", "not-run"],
  ),
});

export interface VariationPoint extends Of<typeof point> {}

const heldPoint = record("One relative assertion at one load of one point.", {
  bundle: text("Bundle of the point."),
  loadTps: positive("The load.").keyed("load"),
  assertion: text("The assertion: goodput>-10%."),
  value: measured("Mean of the metric over the point's runs; omitted if one of them lacks it.").optional(),
  baseline: measured("The same of the baseline's runs.").optional(),
  ratio: sixDigits("value / baseline, to six significant digits; omitted if one of them is.").optional(),
  confidence: interval("Confidence interval of the ratio (percentile bootstrap over the runs).")
    .keyed("ratio_confidence_95")
    .optional(),
  passed: flag("Whether it holds: the whole interval satisfies it."),
  reason: text("Why it failed, if the interval does not show it.").optional(),
});

/** A point held against another one of the same command. */
export interface HeldPoint extends Of<typeof heldPoint> {}

export const variationForm = documentForm(
  "baleen.variation/1",
  "Sweeps that differ in one option or two: variation.json, in the folder that holds their bundles.",
  {
    name: text("Name of the run; omitted if the user gave none.").optional(),
    tags: table("Tags of the run by key; omitted if the user gave none.", text("A value.")).optional(),
    options: list("What is varied.", option, { fewest: 1, most: mostVaried }),
    points: list("In the order in which they are measured.", point, { fewest: 1, most: mostPoints }),
    baseline: text("Bundle of the point that the others are held against; omitted if none is.").optional(),
    assertions: listIfAny(
      "What the points are held to, relative to that one, when all were measured; omitted if there is nothing.",
      heldPoint,
    ),
  },
);

export interface Variation extends Of<typeof variationForm> {}
