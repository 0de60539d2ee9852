/** How traffic in one direction between two nodes is to be delayed, lost and limited. */

/** How delays of single packets spread around `delayMs`. */
export const jitterDistributions = ["uniform", "normal", "pareto"] as const;
export type JitterDistribution = (typeof jitterDistributions)[number];

/** The deviation is the standard deviation, whatever the distribution. A packet's delay is never below 0. */
export interface LinkJitter {
  /** Milliseconds, above 0. */
  readonly deviationMs: number;
  readonly distribution: JitterDistribution;
}

/** Each packet is lost by itself, with one probability. */
export interface IndependentLoss {
  readonly kind: "independent";
  /** 0 to 1. */
  readonly lossRatio: number;
}

/**
 * Losses in bursts: a chain of two states, good and bad, that may change state before each packet. All are
 * probabilities, 0 to 1.
 *
 * @see Gilbert, Capacity of a burst-noise channel, 1960; Elliott, 1963
 */
export interface GilbertElliottLoss {
  readonly kind: "gilbert-elliott";
  /** p: from good to bad. */
  readonly goodToBadRatio: number;
  /** r: from bad to good; above 0. A burst lasts 1/r packets on average. */
  readonly badToGoodRatio: number;
  /** Of packets that are sent in the good state … */
  readonly goodLossRatio: number;
  /** … and in the bad one. */
  readonly badLossRatio: number;
}

export type LinkLoss = IndependentLoss | GilbertElliottLoss;

/** How much may wait where packets come faster than the rate; what comes on top is dropped. */
export type LinkQueue =
  /** As many bytes as the rate sends in this time. */
  { readonly kind: "time"; readonly ms: number } | { readonly kind: "bytes"; readonly bytes: number };

/** One direction of one pair. */
export interface LinkShape {
  /** One way; half of a symmetric round trip. Milliseconds, 0 or more. */
  readonly delayMs: number;
  /** undefined: every packet has the same delay. */
  readonly jitter?: LinkJitter | undefined;
  /** undefined: none. */
  readonly loss?: LinkLoss | undefined;
  /** Bits per second; undefined: unlimited. */
  readonly rateBps?: number | undefined;
  /** Has a meaning only with a rate. */
  readonly queue: LinkQueue;
  /** Probability that a packet arrives twice, 0 to 1. */
  readonly duplicateRatio: number;
  /** Probability that a packet skips the delay, and so overtakes others, 0 to 1. */
  readonly reorderRatio: number;
  /** Probability that one bit of a packet is flipped, 0 to 1. */
  readonly corruptRatio: number;
  /** Nothing passes. */
  readonly down: boolean;
}

/** No delay, no loss, no limit. A queue that nobody set holds 50 ms. */
export const unshaped: LinkShape = {
  delayMs: 0,
  queue: { kind: "time", ms: 50 },
  duplicateRatio: 0,
  reorderRatio: 0,
  corruptRatio: 0,
  down: false,
};

/** Long-run share of lost packets, 0 to 1. */
export function lossRatioOf(loss: LinkLoss | undefined): number {
  if (loss === undefined) return 0;
  if (loss.kind === "independent") return loss.lossRatio;
  const { goodToBadRatio, badToGoodRatio, goodLossRatio, badLossRatio } = loss;
  const badShare = goodToBadRatio / (goodToBadRatio + badToGoodRatio);
  return badShare * badLossRatio + (1 - badShare) * goodLossRatio;
}
