import type { LatencySummary, Quantile } from "../../contracts/results/latency.ts";
import { Histogram, type SumPair } from "./histogram.ts";

/** Largest whole number whose square a double holds exactly. */
const largestPlainSquareRoot = Math.floor(Math.sqrt(Number.MAX_SAFE_INTEGER));

/**
 * One kind of latency: the measured values, and the ages of those whose end was not seen (censored ones).
 *
 * Count, sum and sum of squares of the measured values are kept as whole numbers, without loss, so that mean and
 * standard deviation are exact and can be computed again.
 */
export class LatencyRecord {
  readonly measured = new Histogram();
  readonly censored = new Histogram();
  #sumUs = 0n;
  #sumOfSquaresUs = 0n;
  // What was added since the last carry into the two above, as long as a double holds it exactly: BigInt is slow.
  #recentSumUs = 0;
  #recentSumOfSquaresUs = 0;

  /** One that was stored: its two histograms with exact extremes, and the exact sums of the measured values. */
  static restore(
    stored: SumPair & { readonly measured: Histogram; readonly censored: Histogram },
  ): LatencyRecord {
    const record = new LatencyRecord();
    record.measured.merge(stored.measured);
    record.censored.merge(stored.censored);
    record.#sumUs = stored.sumUs;
    record.#sumOfSquaresUs = stored.sumOfSquaresUs;
    return record;
  }

  /** All that those hold, in one. */
  static merged(records: readonly LatencyRecord[]): LatencyRecord {
    const all = new LatencyRecord();
    for (const record of records) all.merge(record);
    return all;
  }

  /** Adds a measured latency, whole microseconds. */
  record(valueUs: number): void {
    this.measured.record(valueUs);
    this.#addToSums(valueUs);
  }

  /** Adds a measured latency that is known to be a whole number, 0 or more; see `Histogram.recordWhole`. */
  recordWhole(valueUs: number): void {
    this.measured.recordWhole(valueUs);
    this.#addToSums(valueUs);
  }

  /** Adds one whose end was not seen: it took at least this long, whole microseconds. */
  censor(ageUs: number): void {
    this.censored.record(ageUs);
  }

  /** Sum of the measured values, µs. */
  get sumUs(): bigint {
    this.#carry();
    return this.#sumUs;
  }

  /** Sum of the squares of the measured values, µs². */
  get sumOfSquaresUs(): bigint {
    this.#carry();
    return this.#sumOfSquaresUs;
  }

  /** Adds all that the other one holds. */
  merge(other: LatencyRecord): void {
    this.measured.merge(other.measured);
    this.censored.merge(other.censored);
    this.#sumUs += other.sumUs;
    this.#sumOfSquaresUs += other.sumOfSquaresUs;
  }

  /** Forgets all values; its memory is kept for the next ones. */
  clear(): void {
    this.measured.clear();
    this.censored.clear();
    this.#carry();
    this.#sumUs = 0n;
    this.#sumOfSquaresUs = 0n;
  }

  #addToSums(valueUs: number): void {
    if (valueUs > largestPlainSquareRoot) {
      this.#sumUs += BigInt(valueUs);
      this.#sumOfSquaresUs += BigInt(valueUs) ** 2n;
      return;
    }
    const square = valueUs * valueUs;
    if (this.#recentSumOfSquaresUs + square > Number.MAX_SAFE_INTEGER) this.#carry();
    this.#recentSumUs += valueUs;
    this.#recentSumOfSquaresUs += square;
  }

  // A recent sum never overflows before the sum of squares does: a whole number is at most its square.
  #carry(): void {
    this.#sumUs += BigInt(this.#recentSumUs);
    this.#sumOfSquaresUs += BigInt(this.#recentSumOfSquaresUs);
    this.#recentSumUs = 0;
    this.#recentSumOfSquaresUs = 0;
  }
}

/**
 * What a record says, in milliseconds.
 *
 * Mean, standard deviation (n - 1), least and largest are exact, over the measured values. Quantiles are nearest-rank
 * over measured and censored ones together, each censored one counting at its age, which is the least it can be: so
 * a quantile is a true lower bound, and `atLeast` says where it may be too low.
 */
export function summarizeLatency(record: LatencyRecord): LatencySummary {
  const { measured, censored } = record;
  const all = new Histogram();
  all.merge(measured);
  all.merge(censored);
  const quantile = (q: number): Quantile | undefined => {
    if (all.count === 0) return undefined;
    const valueUs = all.quantile(q);
    return { ms: valueUs / 1000, atLeast: censored.minUs !== undefined && censored.minUs <= valueUs };
  };
  return {
    count: measured.count,
    censored: censored.count,
    sumUs: measured.count === 0 ? undefined : record.sumUs,
    sumOfSquaresUs: measured.count === 0 ? undefined : record.sumOfSquaresUs,
    meanMs: measured.count === 0 ? undefined : Number(record.sumUs) / measured.count / 1000,
    stdDevMs: sampleStandardDeviationMs(record),
    minMs: inMs(measured.minUs),
    maxMs: inMs(measured.maxUs),
    p50: quantile(0.5),
    p90: quantile(0.9),
    p95: quantile(0.95),
    p99: quantile(0.99),
    p999: quantile(0.999),
  };
}

/** √((n Σx² - (Σx)²) / (n (n - 1))): the numerator is a whole number, so nothing cancels. */
function sampleStandardDeviationMs(record: LatencyRecord): number | undefined {
  const n = record.measured.count;
  if (n < 2) return undefined;
  const numerator = BigInt(n) * record.sumOfSquaresUs - record.sumUs ** 2n;
  return Math.sqrt(Number(numerator) / n / (n - 1)) / 1000;
}

const inMs = (us: number | undefined) => (us === undefined ? undefined : us / 1000);
