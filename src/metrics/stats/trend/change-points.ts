import { InvalidArgumentError } from "../../../core/errors.ts";
import type { Random } from "../../../core/random.ts";
import { studentTails } from "../confidence.ts";
import { meanOf } from "../sample.ts";
import { bestSplit } from "./energy-split.ts";

export interface ChangePointOptions {
  /** Smallest |ratio - 1| that matters. */
  readonly minEffectRatio: number;
  /** Shuffles values for the permutation test; the same seed gives the same points. */
  readonly random: Random;
}

/** A place in a series from which on its values are others. */
export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly index: number;
  /** Mean from the change point before, or the start, to this one; and from here to the next one, or the end. */
  readonly before: number;
  readonly after: number;
  /** after / before. */
  readonly ratio: number;
  /** Of the permutation test: how often shuffled values are split as clearly. */
  readonly p: number;
}

/** Values that are searched at once; windows overlap by half. */
const windowSize = 50;
/** Values from the beginning of a window to that of the next. */
export const windowStep = windowSize / 2;
/** Values on each side of a change: fewer are outliers. */
export const leastSegment = 3;
const significantBelow = 0.001;
/** Of candidates: those that are not clear yet may become so between the candidates beside them. */
const candidateBelow = 10 * significantBelow;
/** So many shuffled series that are split as clearly refuse a change: one may be an accident. */
const refusing = 3;

/**
 * Change points by E-divisive: candidates come from windows that are split again and again at the largest energy
 * distance, as long as Student's t test sees a difference; then the weakest goes until each that is left is significant
 * (t test and permutation test, p < 0.001) and large enough. The t test sorts out cheaply what chance makes; the
 * permutation test is right for values of any distribution, and knows that the place was chosen. Pure: the same values
 * and seed give the same points.
 *
 * @param values in order, all finite
 * @throws InvalidArgumentError where one is not
 * @see Matteson & James, 2014; Fleming et al., Hunter: using change point detection to hunt for performance
 *   regressions, 2023 (windows, and candidates that are merged)
 */
export function changePoints(values: readonly number[], options: ChangePointOptions): ChangePoint[] {
  if (!values.every(Number.isFinite)) throw new InvalidArgumentError("Change points need finite values.");
  const places = listCandidates(values);
  const tested = new Map<string, number>();
  for (;;) {
    const edges = [0, ...places, values.length];
    const points = places.map((index, at): Candidate => {
      const [from, to] = [edges[at] as number, edges[at + 2] as number];
      const [before, after] = [values.slice(from, index), values.slice(index, to)];
      return { index, before, after, ...describe(before, after) };
    });
    const weakest =
      leastClear(points) ??
      leastEffect(points, options.minEffectRatio) ??
      leastLikely(points, options, tested);
    if (weakest === undefined) {
      return points.map(({ before, after, tP: _, ...point }) => ({
        ...point,
        before: meanOf(before),
        after: meanOf(after),
        p: tested.get(nameOf(point.index, before, after)) ?? 1,
      }));
    }
    places.splice(places.indexOf(weakest.index), 1);
  }
}

interface Candidate {
  readonly index: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly ratio: number;
  /** Of Student's t test. */
  readonly tP: number;
}

function listCandidates(values: readonly number[]): number[] {
  const found = new Set<number>();
  for (let start = 0; start === 0 || start + windowStep < values.length; start += windowStep) {
    split(values, { from: start, to: Math.min(start + windowSize, values.length) }, found);
  }
  return [...found].sort((a, b) => a - b);
}

function split(
  values: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
  found: Set<number>,
): void {
  const part = values.slice(from, to);
  const best = bestSplit(Float64Array.from(part), leastSegment);
  if (best === undefined) return;
  const { tP } = describe(part.slice(0, best.place), part.slice(best.place));
  if (tP >= candidateBelow) return;
  const place = from + best.place;
  found.add(place);
  split(values, { from, to: place }, found);
  split(values, { from: place, to }, found);
}

/** Student's t test of two samples with one variance, two-sided. */
function describe(before: readonly number[], after: readonly number[]): Pick<Candidate, "ratio" | "tP"> {
  const [a, b] = [meanOf(before), meanOf(after)];
  const squares = (sample: readonly number[], mean: number) =>
    sample.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const degrees = before.length + after.length - 2;
  const variance = (squares(before, a) + squares(after, b)) / degrees;
  const error = Math.sqrt(variance * (1 / before.length + 1 / after.length));
  return { ratio: b / a, tP: a === b ? 1 : studentTails(Math.abs(b - a) / error, degrees) };
}

const largest = (points: readonly Candidate[], of: (point: Candidate) => number) =>
  points.toSorted((one, other) => of(other) - of(one))[0];

function leastClear(points: readonly Candidate[]): Candidate | undefined {
  const weakest = largest(points, ({ tP }) => tP);
  return weakest !== undefined && weakest.tP >= significantBelow ? weakest : undefined;
}

const effectOf = (ratio: number) => Math.abs(ratio - 1);

function leastEffect(points: readonly Candidate[], minEffectRatio: number): Candidate | undefined {
  const weakest = largest(points, ({ ratio }) => -effectOf(ratio));
  return weakest !== undefined && effectOf(weakest.ratio) < minEffectRatio ? weakest : undefined;
}

const nameOf = (index: number, before: readonly number[], after: readonly number[]) =>
  `${before.length}/${index}/${after.length}`;

/** One that the permutation test does not confirm. @param tested keeps p by what was tested: a test takes long */
function leastLikely(
  points: readonly Candidate[],
  { random }: ChangePointOptions,
  tested: Map<string, number>,
): Candidate | undefined {
  return points.find(({ index, before, after }) => {
    const name = nameOf(index, before, after);
    const p = tested.get(name) ?? permutationP(before, after, random);
    tested.set(name, p);
    return p >= significantBelow;
  });
}

/** How often shuffled values beside a change are split as clearly: as many as it takes to tell, 1,000 in clear cases. */
function permutationP(before: readonly number[], after: readonly number[], random: Random): number {
  const values = Float64Array.from([...before.slice(-windowSize), ...after.slice(0, windowSize)]);
  const distanceOf = () => bestSplit(values, leastSegment, values.length)?.distance ?? 0;
  const distance = distanceOf();
  let asClear = 0;
  for (let count = 1; ; count++) {
    shuffle(values, random);
    if (distanceOf() >= distance) asClear += 1;
    const p = (1 + asClear) / (1 + count);
    if (p < significantBelow || asClear === refusing) return p;
  }
}

/** Fisher and Yates. */
function shuffle(values: Float64Array, random: Random): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random.nextRatio() * (last + 1));
    const kept = values[last] as number;
    values[last] = values[other] as number;
    values[other] = kept;
  }
}
