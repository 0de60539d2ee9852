import { performance } from "node:perf_hooks";
import { hrtime } from "node:process";

/** Time, handed in so that tests can hold it. */
export interface Clock {
  /** Milliseconds on a clock that never steps, with sub-microsecond digits; only differences mean anything. */
  readonly monotonicMs: () => number;
  /** Milliseconds since 1970 UTC; for stamps, never for durations. */
  readonly wallMs: () => number;
}

/**
 * `performance.now()` is the cheapest clock, and each thread counts it from its own beginning. With this added it is
 * the machine's monotonic clock, the same in all threads and processes, to within a microsecond.
 */
const originMs = Math.min(...Array.from({ length: 8 }, distanceMs));

function distanceMs(): number {
  const nowMs = performance.now();
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6 - nowMs;
}

/** This machine's clocks. Monotonic times of all its threads and processes can be compared. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now() + originMs,
  wallMs: () => Date.now(),
};
