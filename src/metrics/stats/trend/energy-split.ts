/** Where a few values in order are split best into what was before and what came after: one step of E-divisive. */

/** Values in order that may hold a change. */
export interface Split {
  /** Place of the first value after it. */
  readonly place: number;
  /** Scaled energy distance of the two sides: 0 where they are alike. */
  readonly distance: number;
}

/**
 * The place whose two sides differ most in their distribution: it maximizes the scaled energy distance (with |a - b| as
 * the distance of two values) of all before it and those after it up to any later end. An outlier alone is no side:
 * each has at least `least` values.
 *
 * @param values few: the work grows with the square of their number
 * @param firstEnd the earliest end that is tried; of all values' number: what comes after is all of it
 * @returns undefined of fewer than two sides' values
 * @see Matteson & James, A nonparametric approach for multiple change point analysis of multivariate data, 2014
 */
export function bestSplit(values: Float64Array, least: number, firstEnd = 2 * least): Split | undefined {
  const count = values.length;
  /** Sums of distances of all pairs from a place (the index) up to the end that is reached. */
  const within = new Float64Array(count);
  /** The same of the pairs before a place. */
  const before = new Float64Array(count + 1);
  let bestDistance = Number.NEGATIVE_INFINITY;
  let bestPlace = 0;
  for (let end = 1; end <= count; end++) {
    const last = values[end - 1] as number;
    let toLast = 0;
    for (let place = end - 2; place >= 0; place--) {
      toLast += Math.abs((values[place] as number) - last);
      within[place] = (within[place] as number) + toLast;
    }
    const all = within[0] as number;
    before[end] = all;
    if (end < firstEnd) continue;
    for (let place = least; place <= end - least; place++) {
      const [one, other] = [before[place] as number, within[place] as number];
      const [m, n] = [place, end - place];
      // 2 mn/(m + n) times the energy distance, without divisions for a side of one value, which has no pairs.
      const apart = all - one - other - (n * one) / Math.max(1, m - 1) - (m * other) / Math.max(1, n - 1);
      const distance = (2 * apart) / end;
      if (distance > bestDistance) {
        bestDistance = distance;
        bestPlace = place;
      }
    }
  }
  return bestPlace === 0 ? undefined : { place: bestPlace, distance: bestDistance };
}
