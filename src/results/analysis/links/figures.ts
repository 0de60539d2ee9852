import type { ProbedLink } from "../../../contracts/links/shaping.ts";
import type { ProbeFigures } from "../../../contracts/results/links/link-certificate.ts";
import { quantileOfSorted } from "../../../core/numbers/quantile.ts";
import { meanOf, sampleStandardDeviationOf } from "../../../metrics/stats/sample.ts";

/** Shares of a normal distribution below one standard deviation under and over its mean. */
const [lowSigma, highSigma] = [0.158_655, 0.841_345];

/**
 * Figures of one link from its echoes. Quantiles are nearest-rank.
 *
 * @param reorderRatio packets that skip the delay: so many of the earliest are left out of the figures of the delay
 */
export function figuresOf(
  { sent, received, delaysMs }: Pick<ProbedLink, "sent" | "received" | "delaysMs">,
  reorderRatio = 0,
): ProbeFigures {
  const sorted = delaysMs.toSorted((a, b) => a - b).slice(Math.round(reorderRatio * delaysMs.length));
  const counts = { sent, received, repeated: false };
  if (sorted.length === 0) return counts;
  const at = (quantile: number) => quantileOfSorted(sorted, quantile);
  return {
    ...counts,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    meanMs: meanOf(sorted),
    stdDevMs: sorted.length < 2 ? undefined : sampleStandardDeviationOf(sorted),
    spreadMs: (at(highSigma) - at(lowSigma)) / 2,
  };
}
