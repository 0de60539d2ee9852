/** How traffic in one direction between two nodes is delayed, lost and limited: the type, and how it stands in JSON. */
import { type Of, record, tagged } from "../../core/documents/form.ts";
import { asPercent, choice, flag, given, positive, whole } from "../../core/documents/form-values.ts";

/** How delays of single packets spread around `delayMs`. */
export const jitterDistributions = ["uniform", "normal", "pareto"] as const;
export type JitterDistribution = (typeof jitterDistributions)[number];

/** Not rounded: small shares of many packets count, and these values are also commands. */
const portion = (about: string) => asPercent(about, { least: 0, most: 100 }, exactPercent);
const exactPercent = (ratio: number) => Number((ratio * 100).toPrecision(12));
const share = (about: string) => portion(about).leftOutIf(0, (ratio) => ratio === 0);

const jitterForm = record("How the delay varies; a packet's delay is never below 0.", {
  deviationMs: positive("Standard deviation, whatever the distribution, milliseconds."),
  distribution: choice("Distribution of single delays.", jitterDistributions),
});

/** @see Gilbert, Capacity of a burst-noise channel, 1960; Elliott, 1963 */
const lossForm = tagged("How packets are lost; decided for each MTU-sized part of a larger packet.", "kind", {
  independent: { lossRatio: portion("Each packet by itself, percent.") },
  "gilbert-elliott": {
    goodToBadRatio: portion(
      "Chance to pass from the good state to the bad one, before each packet (p), percent.",
    ),
    badToGoodRatio: portion("Chance to pass back (r), percent; a burst lasts 1/r packets on average."),
    goodLossRatio: portion("Lost in the good state, percent."),
    badLossRatio: portion("Lost in the bad state, percent."),
  },
});

const queueForm = tagged("What may wait for the rate; packets beyond it are dropped.", "kind", {
  time: { ms: positive("As many bytes as the rate sends in this time, milliseconds.") },
  bytes: { bytes: positive("Bytes.") },
});

export type LinkJitter = Of<typeof jitterForm>;
export type LinkLoss = Of<typeof lossForm>;

export const shapeFields = {
  delayMs: given("Delay, one way, half of a symmetric round trip, milliseconds."),
  jitter: jitterForm.optional(),
  loss: lossForm.optional(),
  rateBps: whole("Bits per second, of whole IP packets; omitted if unlimited.", { least: 1 }).optional(),
  queue: queueForm,
  duplicateRatio: share("Packets that arrive twice, percent; omitted if none."),
  reorderRatio: share("Packets that skip the delay, and so overtake others, percent; omitted if none."),
  corruptRatio: share("Packets of which one bit is flipped, percent; omitted if none."),
  down: flag("Nothing passes; omitted if it does.").leftOutIf(false, (down) => !down),
};

export const shapeForm = record("One direction of one pair of nodes.", shapeFields);

/** One direction of one pair. */
export interface LinkShape extends Of<typeof shapeForm> {}

/** No delay, no loss, no limit. A queue that nobody set holds 50 ms. */
export const unshaped: LinkShape = {
  delayMs: 0,
  queue: { kind: "time", ms: 50 },
  duplicateRatio: 0,
  reorderRatio: 0,
  corruptRatio: 0,
  down: false,
};

/** Longest that a packet waits for the rate, milliseconds; 0 without a rate. */
export function queueMsOf({ rateBps, queue }: Pick<LinkShape, "rateBps" | "queue">): number {
  if (rateBps === undefined) return 0;
  return queue.kind === "time" ? queue.ms : (queue.bytes * 8000) / rateBps;
}

/** Long-run share of lost packets, 0 to 1. */
export function lossRatioOf(loss: LinkLoss | undefined): number {
  if (loss === undefined) return 0;
  if (loss.kind === "independent") return loss.lossRatio;
  const { goodToBadRatio, badToGoodRatio, goodLossRatio, badLossRatio } = loss;
  const badShare = goodToBadRatio / (goodToBadRatio + badToGoodRatio);
  return badShare * badLossRatio + (1 - badShare) * goodLossRatio;
}

/** What one place of a links file sets; the rest is inherited. A key that is there with undefined sets "none". */
export interface ShapeChange extends Partial<Omit<LinkShape, "jitter">> {
  /** Standard deviation, milliseconds. */
  readonly jitterMs?: number;
  readonly jitterDistribution?: JitterDistribution | "none";
}
