import { medianOf } from "../../../core/numbers/quantile.ts";

/** A slope, and the interval that holds the true one with 95 % confidence; absent where the points are too few. */
export interface Slope {
  readonly slope: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The 0.975 quantile of the standard normal distribution. */
const normalEnd = 1.959_963_984_540_054;

/** With fewer, even the order least likely by chance has a probability above 5 %. */
const leastForInterval = 5;

/**
 * The median of the slopes between all pairs of points that differ in x: it stands up to outliers in up to 29 % of them.
 * Its interval takes the points for independent.
 *
 * @returns undefined unless two points differ in x
 * @see Sen, Estimates of the regression coefficient based on Kendall's tau, 1968
 */
export function theilSen(points: readonly Place[]): Slope | undefined {
  const slopes = points
    .flatMap((one, at) =>
      points.slice(at + 1).flatMap((other) => (one.x === other.x ? [] : [slopeOf(one, other)])),
    )
    .sort((a, b) => a - b);
  const slope = medianOf(slopes);
  if (slope === undefined) return undefined;
  if (points.length < leastForInterval) return { slope };
  const half = normalEnd * kendallDeviation(points);
  const [low, high] = [
    slopes[Math.round((slopes.length - half) / 2) - 1],
    slopes[Math.round((slopes.length + half) / 2)],
  ];
  return low === undefined || high === undefined ? { slope } : { slope, low, high };
}

const slopeOf = (a: Place, b: Place) => (b.y - a.y) / (b.x - a.x);

/** Standard deviation of Kendall's S where x and y do not depend on each other; equal values are allowed for. */
export function kendallDeviation(points: readonly Place[]): number {
  const term = (count: number) => count * (count - 1) * (2 * count + 5);
  const ofEqual = (of: (point: Place) => number) =>
    [...Map.groupBy(points, of).values()].reduce((sum, { length }) => sum + term(length), 0);
  const variance = term(points.length) - ofEqual(({ x }) => x) - ofEqual(({ y }) => y);
  return Math.sqrt(Math.max(0, variance) / 18);
}
