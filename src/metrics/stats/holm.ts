/**
 * Holm's step-down correction: p values of several tests, each raised so far that comparing all of them with 0.05 errs
 * in at most 5 % of cases anywhere among them, however the tests depend on each other.
 *
 * @param values 0 to 1, of one family of tests
 * @returns the adjusted ones, in the same order, at most 1
 * @see Holm, A simple sequentially rejective multiple test procedure, 1979
 */
export function holmAdjusted(values: readonly number[]): number[] {
  const order = values.map((p, index) => ({ p, index })).sort((one, other) => one.p - other.p);
  const adjusted = new Array<number>(values.length).fill(1);
  let atLeast = 0;
  for (const [rank, { p, index }] of order.entries()) {
    atLeast = Math.min(1, Math.max(atLeast, p * (values.length - rank)));
    adjusted[index] = atLeast;
  }
  return adjusted;
}
