import { performance } from "node:perf_hooks";

/** Time, handed in so that tests can hold it. */
export interface Clock {
  /** Milliseconds on a clock that never steps, with sub-microsecond digits; only differences mean anything. */
  readonly monotonicMs: () => number;
  /** Milliseconds since 1970 UTC; for stamps, never for durations. */
  readonly wallMs: () => number;
}

/** This machine's clocks. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
