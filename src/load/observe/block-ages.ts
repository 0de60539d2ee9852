import type { CommittedBlock } from "../../contracts/load/commits.ts";
import type { Clock } from "../../core/clock.ts";
import { SignedRecord } from "../../metrics/stats/signed-record.ts";

/**
 * How old each new height's block was, by its own time and this machine's wall clock, when the first node showed it.
 * Both clocks come in whole milliseconds. What is told here enters no latency.
 */
export class BlockAges {
  /** Of blocks that were first seen within the window. */
  readonly record = new SignedRecord();
  readonly #clock: Clock;
  #highest = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Says when the window is, on the monotonic clock; blocks seen before it is known are not recorded. */
  setWindow(fromMs: number, toMs: number): void {
    this.#fromMs = fromMs;
    this.#toMs = toMs;
  }

  /** @param readMs when it had been read, on the monotonic clock */
  see({ height, timeMs }: Pick<CommittedBlock, "height" | "timeMs">, readMs: number): void {
    if (height <= this.#highest) return;
    this.#highest = height;
    if (timeMs === undefined || readMs < this.#fromMs || readMs >= this.#toMs) return;
    const readAgoMs = this.#clock.monotonicMs() - readMs;
    const ageUs = Math.round((this.#clock.wallMs() - readAgoMs - timeMs) * 1000);
    // A time centuries away is no time that the block was made at; one that lies by less stands in the record.
    if (Number.isSafeInteger(ageUs)) this.record.record(ageUs);
  }
}
