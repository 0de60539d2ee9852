/** What routines in browsers came to in two sweeps, figure by figure. */
import { type Of, record } from "../../../core/documents/form.ts";
import {
  amount,
  choice,
  count,
  list,
  positive,
  sixDigits,
  text,
} from "../../../core/documents/form-values.ts";
import { families, type PacketFamily } from "../../peer-tests/packets.ts";
import { interval } from "../interval.ts";

/** Figures of a peer, in the order of the tables; packets of each kind come first. */
export type ComparedRoutineFigure =
  | `${PacketFamily}_packets_per_sec`
  | "messages_per_sec"
  | "delivered_percent"
  | "repeated_per_sec"
  | "ticks_per_sec";

export const packetsPerSec = (family: PacketFamily) => `${family}_packets_per_sec` as const;

/** Of a figure that counts packets, their kind. */
export const familyIn = (figure: ComparedRoutineFigure): PacketFamily | undefined =>
  families.find((family) => packetsPerSec(family) === figure);

export const comparedRoutineFigures: readonly ComparedRoutineFigure[] = [
  ...families.map(packetsPerSec),
  "messages_per_sec",
  "delivered_percent",
  "repeated_per_sec",
  "ticks_per_sec",
];

const figureForm = record("One figure on both sides.", {
  figure: choice(
    "Of a peer: packets per second by kind, messages that its routine sent per second, share of the others' messages that arrived, further copies of these per second, calls of its routine per second.",
    comparedRoutineFigures,
  ),
  a: amount("Mean over the peers of the first sweep's counted runs; omitted if no peer has it.").optional(),
  b: amount("Mean over the peers of the second sweep's counted runs; likewise.").optional(),
  ratio: sixDigits("b / a, to six significant digits; omitted if a is 0.").optional(),
  confidence: interval(
    "Confidence interval of the ratio (percentile bootstrap over the peers, within each routine if it has four peers on both sides), from four peers per side; omitted if it has no upper end.",
  )
    .keyed("ratio_confidence_95")
    .optional(),
  difference: text(
    "The difference as a sentence; omitted if the interval includes 1, or the means differ by less than min_effect_percent.",
  ).optional(),
});

/** One figure of routines on both sides; values are means over peers. */
export interface RoutineComparison extends Of<typeof figureForm> {}

const sideForm = record(
  "A sweep's runs at its load.",
  {
    loadTps: positive("Their load, messages per second.").keyed("load"),
    runs: count("Runs that are not invalid."),
    peers: count("Peers of these runs together: each peer of each run is one value."),
  },
  { id: "routine-side" },
);

export const comparedRoutinesForm = record(
  "Routines at one load that both sweeps have, or at the one load of each if these differ. The intervals are over peers, so what differs from run to run is not in them.",
  {
    a: sideForm.as("Runs of the first sweep."),
    b: sideForm.as("Runs of the second sweep."),
    figures: list("Figures of a peer.", figureForm),
  },
);

/** Routines at one load of each sweep. */
export interface ComparedRoutines extends Of<typeof comparedRoutinesForm> {}
