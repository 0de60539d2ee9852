import type { Stall } from "../../contracts/results/verdict.ts";
import type { Clock } from "../../core/clock.ts";

/** A longer gap between two looks at the clock means that this process got no time. */
const longestGapMs = 500;
/** Wall time may drift from monotonic time by less than this between two looks (they lie at most 0.1 s apart). */
const longestDriftMs = 500;
/**
 * Wall time that runs ahead by this much or more is taken for a sleep, during which the monotonic clock stands still;
 * by less, for a correction of the clock. The two look alike from inside.
 */
const shortestSleepMs = 5_000;

/** Finds the segments in which the client itself stood still, by comparing successive readings of both clocks. */
export class StallWatch {
  /** What was found so far, in order. */
  readonly found: Stall[] = [];
  readonly #clock: Clock;
  readonly #windowStartMs: number;
  #monotonicMs: number;
  #wallMs: number;

  /** @param windowStartMs on the monotonic clock */
  constructor(clock: Clock, windowStartMs: number) {
    this.#clock = clock;
    this.#windowStartMs = windowStartMs;
    this.#monotonicMs = clock.monotonicMs();
    this.#wallMs = clock.wallMs();
  }

  /** Reads the clocks again. To be called at least every 0.1 s. */
  look(): void {
    const [monotonicMs, wallMs] = [this.#clock.monotonicMs(), this.#clock.wallMs()];
    const gapMs = monotonicMs - this.#monotonicMs;
    const aheadMs = wallMs - this.#wallMs - gapMs;
    const atSecs = (this.#monotonicMs - this.#windowStartMs) / 1000;
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
    if (gapMs > longestGapMs) this.found.push({ atSecs, lengthMs: gapMs, cause: "stopped" });
    if (Math.abs(aheadMs) <= longestDriftMs) return;
    const cause = aheadMs >= shortestSleepMs ? "asleep" : "clock-step";
    this.found.push({ atSecs, lengthMs: Math.abs(aheadMs), cause });
  }
}
