/** Quantiles of a few values; those of many are of histograms (metrics/stats). */

/** Nearest rank: the smallest value that a share of `q` of all do not exceed. @param values at least one */
export const quantileOf = (values: readonly number[], q: number): number =>
  quantileOfSorted(sortedOf(values), q);

/** The same of values in ascending order. */
export const quantileOfSorted = (sorted: readonly number[], q: number): number =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;

/** The middle value, or the mean of both; undefined where there is none. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = sortedOf(values);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

const sortedOf = (values: readonly number[]) => values.toSorted((a, b) => a - b);

/** undefined where none is known. */
export function largest(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((most, value) => {
    if (value === undefined) return most;
    return most === undefined || value > most ? value : most;
  }, undefined);
}
