import type { MetricMean } from "../../contracts/results/load-summary.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { meanOf, sampleStandardDeviationOf } from "./sample.ts";

const confidence = 0.95;

/**
 * Mean of a few values, and its 95 % confidence interval: mean ± t · s / √n, with s the sample standard deviation
 * (n - 1) and t the quantile of Student's distribution with n - 1 degrees of freedom. It takes the values for
 * independent and roughly normal.
 *
 * @throws InvalidArgumentError where there is no value, or one is not finite
 */
export function meanInterval(values: readonly number[]): Pick<MetricMean, "mean" | "low" | "high"> {
  const count = values.length;
  if (count === 0 || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError("A mean needs at least one value, all finite.");
  }
  const mean = meanOf(values);
  if (count < 2) return { mean };
  const half = (studentQuantile(count - 1) * sampleStandardDeviationOf(values)) / Math.sqrt(count);
  return { mean, low: mean - half, high: mean + half };
}

/**
 * The t that a Student-distributed value stays within, either side of 0, with 95 % probability: 12.706 at one degree
 * of freedom, 1.960 at very many.
 *
 * @param degrees of freedom, whole, from 1
 */
export function studentQuantile(degrees: number): number {
  let low = 0;
  let high = 16;
  for (let middle = 8; low < middle && middle < high; middle = (low + high) / 2) {
    if (probabilityWithin(middle, degrees) < confidence) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * P(|T| > t) of Student's distribution: how likely chance alone leads as far from 0, either way; exact to about 1e-14.
 *
 * @param t 0 or more, may be infinite
 * @param degrees of freedom, whole, from 1
 */
export function studentTails(t: number, degrees: number): number {
  return Math.max(0, 1 - probabilityWithin(t, degrees));
}

/** P(|T| ≤ t): a finite series. @see Abramowitz & Stegun, 26.7.3 and 26.7.4 */
function probabilityWithin(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let factor = isOdd ? 2 : 1; factor < degrees - 2; factor += 2) {
    term *= (factor / (factor + 1)) * cosine * cosine;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}
