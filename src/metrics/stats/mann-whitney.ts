import { InvalidArgumentError } from "../../core/errors.ts";
import { normalTails, rankSum } from "./sample.ts";

/** Up to so many values on both sides together the test is exact: every count is then a whole number of a double. */
const largestExact = 50;

export interface RankTest {
  /** Probability of a rank sum at least this far from its mean, either way, were both samples of one distribution. */
  readonly p: number;
  /** Cliff's delta, -1 to 1: how much likelier a value of `b` is above one of `a` than below it; 0 where neither is. */
  readonly delta: number;
}

/**
 * Mann-Whitney U test, two-sided; equal values share the mean of their ranks. Exact by counting all ways to share the
 * ranks out, up to 50 values on both sides together; above, the normal approximation with corrections for ties and
 * continuity.
 *
 * @param a finite values, at least one
 * @param b likewise
 * @throws InvalidArgumentError where a sample is empty, or a value is not finite
 * @see Mann & Whitney, 1947; Lehmann, Nonparametrics, chapter 1; Cliff, 1993
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): RankTest {
  if (a.length === 0 || b.length === 0 || ![...a, ...b].every(Number.isFinite)) {
    throw new InvalidArgumentError("A rank test needs two samples of finite values.");
  }
  const ranksOfB = rankSum(b, a);
  const above = ranksOfB - (b.length * (b.length + 1)) / 2;
  const delta = (2 * above) / (a.length * b.length) - 1;
  const ties = tiesOf([...a, ...b]);
  const count = a.length + b.length;
  const sizes = { of: b.length, count, ties };
  return { p: count <= largestExact ? exactP(ranksOfB, sizes) : approximateP(ranksOfB, sizes), delta };
}

/** The smallest p that so many values a side can give: where each of one side is above each of the other. */
export function smallestP(countA: number, countB: number): number {
  let ways = 1;
  for (let taken = 1; taken <= countA; taken++) ways *= (countB + taken) / taken;
  return Math.min(1, 2 / ways);
}

interface Sizes {
  /** Values whose ranks were added up … */
  readonly of: number;
  /** … among so many. */
  readonly count: number;
  /** How many values are equal, from the smallest value on; 1 where there is just one. */
  readonly ties: readonly number[];
}

function tiesOf(values: readonly number[]): number[] {
  const times = new Map<number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return [...times].sort(([one], [other]) => one - other).map(([, many]) => many);
}

/** Counts the ways to choose `of` of the ranks by their sum. Ranks are doubled: those of ties may be halves. */
function exactP(sum: number, { of, count, ties }: Sizes): number {
  let before = 0;
  const doubledRanks = ties.flatMap((many) => {
    const doubled = 2 * before + many + 1;
    before += many;
    return Array.from({ length: many }, () => doubled);
  });
  const largest = count * (count + 1);
  const ways = Array.from({ length: of + 1 }, () => new Float64Array(largest + 1));
  (ways[0] as Float64Array)[0] = 1;
  for (const rank of doubledRanks) {
    for (let chosen = of; chosen >= 1; chosen--) {
      const [here, fewer] = [ways[chosen] as Float64Array, ways[chosen - 1] as Float64Array];
      for (let total = largest; total >= rank; total--) {
        here[total] = (here[total] ?? 0) + (fewer[total - rank] ?? 0);
      }
    }
  }
  const mean = of * (count + 1);
  const away = Math.abs(Math.round(2 * sum) - mean);
  let all = 0;
  let asFar = 0;
  (ways[of] as Float64Array).forEach((many, total) => {
    all += many;
    if (Math.abs(total - mean) >= away) asFar += many;
  });
  return asFar / all;
}

function approximateP(sum: number, { of, count, ties }: Sizes): number {
  const tied = ties.reduce((total, many) => total + many ** 3 - many, 0) / (count * (count - 1));
  const variance = ((of * (count - of)) / 12) * (count + 1 - tied);
  const away = Math.abs(sum - (of * (count + 1)) / 2) - 0.5;
  return variance === 0 || away <= 0 ? 1 : normalTails(away / Math.sqrt(variance));
}
