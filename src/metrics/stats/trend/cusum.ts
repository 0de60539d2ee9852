import { meanOf, sampleStandardDeviationOf } from "../sample.ts";

/** A slow drift, as far as it was seen. */
export interface Drift {
  /** Index of the first value that drifts. */
  readonly from: number;
  /** Index of the value that shows it. */
  readonly at: number;
  readonly direction: 1 | -1;
}

/** In standard deviations: what of each value's deviation is ignored, and the sum that is a drift. */
const slack = 0.5;
const limit = 5;
/** Values before the first one that is judged: fewer do not tell how they scatter. */
const leastBefore = 10;

/**
 * Finds the first slow drift by two-sided CUSUM (slack 0.5 and limit 5 standard deviations) that starts itself: each
 * value is measured by mean and deviation of those before it, and so needs no reference that somebody knows to be good.
 *
 * @param values in order, finite
 * @see Page, Continuous inspection schemes, 1954; Hawkins, Self-starting CUSUM charts, 1987
 */
export function findDrift(values: readonly number[]): Drift | undefined {
  const sums = { up: 0, down: 0 };
  const from = { up: leastBefore, down: leastBefore };
  for (let at = leastBefore; at < values.length; at++) {
    const score = standardScore(values[at] as number, values.slice(0, at));
    for (const [side, signed] of [
      ["up", score],
      ["down", -score],
    ] as const) {
      if (sums[side] === 0) from[side] = at;
      sums[side] = Math.max(0, sums[side] + signed - slack);
      if (sums[side] > limit) return { from: from[side], at, direction: side === "up" ? 1 : -1 };
    }
  }
  return undefined;
}

/** Standard normal where the value is of the same normal distribution as those before it. @see Wallace, 1959 */
function standardScore(value: number, before: readonly number[]): number {
  const count = before.length;
  const deviation = sampleStandardDeviationOf(before);
  const away = value - meanOf(before);
  if (away === 0 || deviation === 0) return Math.sign(away) * limit;
  const t = (away / deviation) * Math.sqrt(count / (count + 1));
  const degrees = count - 1;
  const normal = ((8 * degrees + 1) / (8 * degrees + 3)) * Math.sqrt(degrees * Math.log1p(t ** 2 / degrees));
  return Math.sign(t) * normal;
}
