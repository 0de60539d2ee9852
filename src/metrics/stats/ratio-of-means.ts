import type { Interval } from "../../contracts/results/comparison.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";

const resamples = 10_000;

function resampledMean(values: readonly number[], random: Random): number {
  let sum = 0;
  for (let count = 0; count < values.length; count++) {
    sum += values[Math.floor(random.nextRatio() * values.length)] ?? 0;
  }
  return sum / values.length;
}

/**
 * 95 % confidence interval of the mean of `b` over the mean of `a`: percentile bootstrap, that is, both samples are drawn
 * anew from themselves 10,000 times, and the interval runs from the 2.5th to the 97.5th percentile (nearest-rank) of
 * the ratios. From few values it is somewhat too narrow; from fewer than four it says nothing.
 *
 * @param a positive values
 * @param b as many as there are, each 0 or more
 * @param random the same seed gives the same interval
 * @throws InvalidArgumentError where a sample is empty, or a value of `a` is not above 0
 * @see Efron & Tibshirani, An Introduction to the Bootstrap, chapter 13
 */
export function ratioInterval(a: readonly number[], b: readonly number[], random: Random): Interval {
  if (a.length === 0 || b.length === 0 || a.some((value) => !(value > 0))) {
    throw new InvalidArgumentError("A ratio of means needs two samples, and positive values to divide by.");
  }
  return percentileInterval(() => resampledMean(b, random) / resampledMean(a, random));
}

/**
 * The same of how far `between` lies on the way from `from` to `to`, each by its mean: 0 at `from`, 1 at `to`.
 *
 * @throws InvalidArgumentError where a sample is empty
 */
export function shareInterval(
  { from, between, to }: Readonly<Record<"from" | "between" | "to", readonly number[]>>,
  random: Random,
): Interval {
  if ([from, between, to].some(({ length }) => length === 0)) {
    throw new InvalidArgumentError("A share of a difference of means needs three samples.");
  }
  return percentileInterval(() => {
    const start = resampledMean(from, random);
    return (resampledMean(between, random) - start) / (resampledMean(to, random) - start);
  });
}

function percentileInterval(draw: () => number): Interval {
  const drawn = Float64Array.from({ length: resamples }, draw).sort();
  const percentile = (share: number) => drawn[Math.ceil(share * resamples) - 1] ?? Number.NaN;
  return { low: percentile(0.025), high: percentile(0.975) };
}
