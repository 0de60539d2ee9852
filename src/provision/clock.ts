import type { Host } from "../contracts/host.ts";
import type { Clock } from "../core/clock.ts";

/** How far a host's wall clock is from this machine's. */
export interface ClockOffset {
  /** Host minus this machine. */
  readonly offsetMs: number;
  /** The true offset lies within offsetMs ± errorMs: half the round trip. */
  readonly errorMs: number;
  /** Shortest round trip seen. */
  readonly rttMs: number;
}

/** undefined where the host's `date` cannot tell less than a second. */
export function measureClock(
  _host: Host,
  _options: { clock: Clock; signal: AbortSignal },
): Promise<ClockOffset | undefined> {
  return Promise.reject(new Error("not written yet"));
}
