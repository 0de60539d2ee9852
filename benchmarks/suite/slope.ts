/**
 * Flags of V8 for who watches memory: it can be told to collect all garbage, and its young generation, which it enlarges
 * once in a while by megabytes and whatever is kept in it, has its full size from the start.
 */
export const steadyMemoryFlags = ["--expose-gc", "--min-semi-space-size=16", "--max-semi-space-size=16"];

/** A straight line's slope through points, and how uncertain it is. */
export interface Slope {
  readonly slope: number;
  readonly standardError: number;
}

/**
 * Slope of the ordinary least-squares line through at least three points with different x.
 *
 * @see Draper and Smith, Applied Regression Analysis, section 1.4
 */
export function fitSlope(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / n;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const squaresX = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (n < 3 || squaresX === 0) throw new Error(`No slope follows from ${n} points.`);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / squaresX;
  const residuals = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, standardError: Math.sqrt(residuals / (n - 2) / squaresX) };
}
