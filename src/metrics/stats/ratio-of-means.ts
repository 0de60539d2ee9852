import type { Interval } from "../../contracts/results/interval.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";

const resamples = 10_000;

function resampledSum(values: readonly number[], random: Random): number {
  let sum = 0;
  for (let count = 0; count < values.length; count++) {
    sum += values[Math.floor(random.nextRatio() * values.length)] ?? 0;
  }
  return sum;
}

const resampledMean = (values: readonly number[], random: Random) =>
  resampledSum(values, random) / values.length;

/** Each group is drawn anew from itself. */
function groupedMean(groups: readonly (readonly number[])[], random: Random): number {
  const count = groups.reduce((total, { length }) => total + length, 0);
  return groups.reduce((total, values) => total + resampledSum(values, random), 0) / count;
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
 * The same of values in groups that every sample would have in this size, such as peers by what they do. Values of `a`
 * may be 0.
 *
 * @returns undefined where the interval has no upper end, because too many drawn samples of `a` are nothing but 0
 * @throws InvalidArgumentError where a side has no values, or one is below 0
 */
export function groupedRatioInterval(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
  random: Random,
): Interval | undefined {
  const sides = [a, b].map((groups) => groups.flat());
  if (sides.some((values) => values.length === 0 || values.some((value) => !(value >= 0)))) {
    throw new InvalidArgumentError("A ratio of means needs two samples of values from 0.");
  }
  const found = percentileInterval(() => groupedMean(b, random) / groupedMean(a, random));
  return Number.isFinite(found.high) ? found : undefined;
}

/** The same of the mean of one sample. @throws InvalidArgumentError where it is empty */
export function meanBootstrapInterval(values: readonly number[], random: Random): Interval {
  if (values.length === 0) throw new InvalidArgumentError("A mean needs at least one value.");
  return percentileInterval(() => resampledMean(values, random));
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
