import type { BlockAge } from "../../contracts/results/safety.ts";
import { LatencyRecord } from "./latency-record.ts";

/** Differences that may be negative: a histogram for those from 0 on, one for the sizes of others; none is clamped. */
export class SignedRecord {
  readonly positive = new LatencyRecord();
  /** By size: -5 ms stands at 5 ms. */
  readonly negative = new LatencyRecord();

  /** One that was stored, in its two parts. */
  static restore(stored: Pick<SignedRecord, "positive" | "negative">): SignedRecord {
    const record = new SignedRecord();
    record.positive.merge(stored.positive);
    record.negative.merge(stored.negative);
    return record;
  }

  /** Adds a difference, whole microseconds. */
  record(valueUs: number): void {
    if (valueUs < 0) this.negative.record(-valueUs);
    else this.positive.record(valueUs);
  }

  get count(): number {
    return this.positive.measured.count + this.negative.measured.count;
  }

  get minUs(): number | undefined {
    const { maxUs } = this.negative.measured;
    return maxUs === undefined ? this.positive.measured.minUs : -maxUs;
  }

  get maxUs(): number | undefined {
    const { minUs } = this.negative.measured;
    return this.positive.measured.maxUs ?? (minUs === undefined ? undefined : -minUs);
  }

  /** Exact, whole microseconds. */
  get sumUs(): bigint {
    return this.positive.sumUs - this.negative.sumUs;
  }

  /** Nearest-rank, off by a Histogram's relative error at most, away from 0. @throws InvalidArgumentError like it */
  quantile(q: number): number {
    const [below, above] = [this.negative.measured, this.positive.measured];
    // Rounded down a little, as in Histogram.quantile.
    const rank = Math.max(1, Math.ceil(q * this.count * (1 - Number.EPSILON)));
    if (rank <= below.count) return -below.quantile((below.count - rank + 1) / below.count);
    return above.quantile((rank - below.count) / above.count);
  }
}

/** What a record of block ages says, in milliseconds. */
export function summarizeAges(record: SignedRecord): BlockAge {
  const { count, minUs, maxUs } = record;
  const negative = record.negative.measured.count;
  if (minUs === undefined || maxUs === undefined) return { count, negative };
  return {
    ...{ count, negative },
    minMs: minUs / 1000,
    p50Ms: record.quantile(0.5) / 1000,
    p99Ms: record.quantile(0.99) / 1000,
    maxMs: maxUs / 1000,
    meanMs: Number(record.sumUs) / count / 1000,
  };
}
