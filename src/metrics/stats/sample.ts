/** What simple-statistics computes of a few values; the one file that imports it. */
import { errorFunction, mean, probit, sampleStandardDeviation, wilcoxonRankSum } from "simple-statistics";

/** @param values at least one */
export function meanOf(values: readonly number[]): number {
  return mean([...values]);
}

/** With n - 1. @param values at least two */
export function sampleStandardDeviationOf(values: readonly number[]): number {
  return sampleStandardDeviation([...values]);
}

/** Sum of the ranks that the values of `a` have among all of `a` and `b`; equal ones share the mean of their ranks. */
export function rankSum(a: readonly number[], b: readonly number[]): number {
  return wilcoxonRankSum([...a], [...b]);
}

/** P(|Z| > z) of the standard normal distribution, within about 1e-7. */
export function normalTails(z: number): number {
  return 1 - errorFunction(Math.abs(z) / Math.SQRT2);
}

/** The z below which a normally distributed value lies with this probability, within about 0.005. */
export const normalQuantile = (probability: number): number => probit(probability);
