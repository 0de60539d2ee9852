import { InvalidArgumentError } from "../../core/errors.ts";

/** Significant decimal digits that every histogram keeps. */
export const significantDigits = 3;

/** Largest value that is kept apart from larger ones: one hour, in microseconds. */
export const largestTrackableUs = 3_600_000_000;

/**
 * Buckets of the HdrHistogram layout: values below 2,048 have a bucket each; above, every doubling of the value is
 * divided into 1,024 equal buckets, so a bucket is never wider than 1/1,024 of the values in it.
 */
const halfCount = 1024;
const halfCountBits = 10;
const unitValues = 2 * halfCount - 1;
/** Buckets of a histogram, that of one hour included. */
export const bucketCount = indexOf(largestTrackableUs) + 1;

/** Sums over values in whole µs and µs². */
export interface SumPair {
  readonly sumUs: bigint;
  readonly sumOfSquaresUs: bigint;
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const noCounts = new Float64Array(0);

/** A bucket is at most this share of its values wide: the relative error of a quantile, upwards only. */
export const relativeError = 1 / halfCount;

/**
 * Histogram of non-negative whole microseconds in the HdrHistogram layout with 3 significant digits.
 *
 * Its memory is fixed: about 190 kB, nothing until the first value. Values above one hour are counted at one hour, and
 * in `overflowed`; `minUs` and `maxUs` are exact, also for those.
 */
export class Histogram {
  #counts = noCounts;
  #count = 0;
  #overflowed = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;

  get count(): number {
    return this.#count;
  }

  /** How many of them were above one hour. */
  get overflowed(): number {
    return this.#overflowed;
  }

  /** Smallest value, exact; undefined where there is none. */
  get minUs(): number | undefined {
    return this.#count === 0 ? undefined : this.#minUs;
  }

  /** Largest value, exact; undefined where there is none. */
  get maxUs(): number | undefined {
    return this.#count === 0 ? undefined : this.#maxUs;
  }

  /** Adds one value. @throws InvalidArgumentError unless it is a whole number, 0 or more */
  record(valueUs: number): void {
    this.add(valueUs, 1);
  }

  /** `record` without checks, of a value that is whole, held exactly and 0 or more, for millions of them a second. */
  recordWhole(valueUs: number): void {
    if (valueUs > largestTrackableUs || this.#count === 0) {
      this.add(valueUs, 1);
      return;
    }
    const index = indexOf(valueUs);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#count++;
    if (valueUs < this.#minUs) this.#minUs = valueUs;
    if (valueUs > this.#maxUs) this.#maxUs = valueUs;
  }

  /** Adds one value `times` over. @throws InvalidArgumentError unless both are whole, held exactly, 0 or more */
  add(valueUs: number, times: number): void {
    if (!Number.isSafeInteger(valueUs) || valueUs < 0) {
      throw new InvalidArgumentError(`A histogram takes whole microseconds from 0, not ${valueUs}.`);
    }
    if (!Number.isSafeInteger(times) || times < 0) {
      throw new InvalidArgumentError(`A histogram counts whole numbers of values, not ${times}.`);
    }
    if (times === 0) return;
    let kept = valueUs;
    if (valueUs > largestTrackableUs) {
      kept = largestTrackableUs;
      this.#overflowed += times;
    }
    if (this.#counts.length === 0) this.#counts = new Float64Array(bucketCount);
    const index = indexOf(kept);
    this.#counts[index] = (this.#counts[index] ?? 0) + times;
    this.#count += times;
    if (valueUs < this.#minUs) this.#minUs = valueUs;
    if (valueUs > this.#maxUs) this.#maxUs = valueUs;
  }

  /** Adds all that the other one holds; equal to having recorded both sets of values here. */
  merge(other: Histogram): void {
    if (other.#count === 0) return;
    if (this.#counts.length === 0) this.#counts = new Float64Array(bucketCount);
    const last = other.#lastIndex();
    for (let i = indexOf(Math.min(other.#minUs, largestTrackableUs)); i <= last; i++) {
      this.#counts[i] = (this.#counts[i] ?? 0) + (other.#counts[i] ?? 0);
    }
    this.#count += other.#count;
    this.#overflowed += other.#overflowed;
    this.#minUs = Math.min(this.#minUs, other.#minUs);
    this.#maxUs = Math.max(this.#maxUs, other.#maxUs);
  }

  /** Forgets all values; its memory is kept for the next ones. */
  clear(): void {
    if (this.#count > 0) this.#counts.fill(0, 0, this.#lastIndex() + 1);
    this.#count = 0;
    this.#overflowed = 0;
    this.#minUs = Number.POSITIVE_INFINITY;
    this.#maxUs = 0;
  }

  /**
   * Puts back the exact least and largest value, which one that was decoded from its buckets has lost.
   *
   * @throws InvalidArgumentError where they do not lie in its lowest and its highest bucket
   */
  setExtremes(minUs: number, maxUs: number): void {
    const bucketOf = (valueUs: number) => indexOf(Math.min(valueUs, largestTrackableUs));
    const fits =
      this.#count > 0 &&
      minUs <= maxUs &&
      bucketOf(minUs) === bucketOf(this.#minUs) &&
      bucketOf(maxUs) === bucketOf(this.#maxUs);
    if (!fits) {
      throw new InvalidArgumentError(`${minUs} to ${maxUs} µs is not the range of the histogram's values.`);
    }
    this.#minUs = minUs;
    this.#maxUs = maxUs;
  }

  /** Bounds of how many values lay above a limit before they were rounded: its own bucket's may or may not have. */
  countAbove(limitUs: number): readonly [least: number, most: number] {
    let [least, most] = [0, 0];
    for (let index = 0; index < this.#counts.length; index++) {
      const times = this.#counts[index] ?? 0;
      if (times === 0) continue;
      if (highestOf(index) + 0.5 > limitUs) most += times;
      if (lowestOf(index) - 0.5 > limitUs) least += times;
    }
    return [least, most];
  }

  /** Bounds of the sum of all values, and of their squares: each lies somewhere in its bucket. Overflowed ones aside. */
  sumBounds(): { readonly least: SumPair; readonly most: SumPair } {
    const least = { sumUs: 0n, sumOfSquaresUs: 0n };
    const most = { sumUs: 0n, sumOfSquaresUs: 0n };
    const add = (pair: Mutable<SumPair>, valueUs: number, times: number) => {
      pair.sumUs += BigInt(valueUs) * BigInt(times);
      pair.sumOfSquaresUs += BigInt(valueUs) ** 2n * BigInt(times);
    };
    for (let index = 0; index < this.#counts.length; index++) {
      const times = this.#counts[index] ?? 0;
      if (times === 0) continue;
      add(least, lowestOf(index), times);
      add(most, highestOf(index), times);
    }
    return { least, most };
  }

  /**
   * Nearest-rank quantile: the value at rank ⌈q · count⌉ of the sorted values.
   *
   * @param q probability, 0 to 1
   * @returns microseconds: the highest value of that rank's bucket (at most `maxUs`), which is never below the true
   *   value and at most `relativeError` of it above
   * @throws InvalidArgumentError if the histogram is empty or q is out of range
   * @see HdrHistogram, value at percentile
   */
  quantile(q: number): number {
    if (this.#count === 0) throw new InvalidArgumentError("An empty histogram has no quantiles.");
    if (!(q >= 0 && q <= 1)) throw new InvalidArgumentError(`A quantile must be between 0 and 1, not ${q}.`);
    // The product is rounded down a little, or 0.07 · 100 = 7.000000000000001 would be rank 8.
    const rank = Math.max(1, Math.ceil(q * this.#count * (1 - Number.EPSILON)));
    let seen = 0;
    for (let i = 0; i < bucketCount; i++) {
      seen += this.#counts[i] ?? 0;
      // Only values above one hour have a bucket whose highest value is below the largest one.
      if (seen >= rank) return i === bucketCount - 1 ? this.#maxUs : Math.min(highestOf(i), this.#maxUs);
    }
    return this.#maxUs;
  }

  /** Calls with the least and the highest value of each bucket in use, rising, and how many values it holds. */
  forEach(take: (lowestUs: number, highestUs: number, times: number) => void): void {
    this.counts().forEach((times, index) => {
      if (times > 0) take(lowestOf(index), highestOf(index), times);
    });
  }

  /** Counts by bucket up to the last one in use; the payload of the HdrHistogram encoding. */
  counts(): Float64Array {
    return this.#counts.slice(0, this.#count === 0 ? 0 : this.#lastIndex() + 1);
  }

  /** Of the bucket that holds the largest value, where there is one. */
  #lastIndex(): number {
    return indexOf(Math.min(this.#maxUs, largestTrackableUs));
  }
}

/** Highest value that shares the bucket of that index. */
export function highestOf(index: number): number {
  const bucket = Math.max(0, (index >>> halfCountBits) - 1);
  const subBucket = index - bucket * halfCount;
  return (subBucket + 1) * 2 ** bucket - 1;
}

const lowestOf = (index: number) => (index === 0 ? 0 : highestOf(index - 1) + 1);

/** Index of the bucket that counts this value; whole, at most `largestTrackableUs`. */
function indexOf(valueUs: number): number {
  const bucket = 21 - Math.clz32(valueUs | unitValues);
  return bucket * halfCount + (valueUs >>> bucket);
}
