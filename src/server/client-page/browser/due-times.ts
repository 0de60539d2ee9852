/** Work that is due again and again while a test runs. */
import { type PageClock, pageClock } from "./ticker.ts";

export interface DueTimes {
  readonly everyMs: number;
  /** What would be due at the end or after it is left out. */
  readonly testDurationMs: number;
  /** Ends it earlier. */
  readonly signal: AbortSignal;
}

/** Acts at due times, one after the other; those that passed while it acted are left out. */
export async function atDueTimes(
  { everyMs, testDurationMs, signal }: DueTimes,
  act: () => Promise<void>,
  clock: PageClock = pageClock,
): Promise<void> {
  const startMs = clock.now();
  const over = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  let due = 1;
  while (due * everyMs < testDurationMs && !signal.aborted) {
    await Promise.race([pause(startMs + due * everyMs - clock.now(), clock), over]);
    if (!signal.aborted) await act();
    due = Math.max(due, Math.floor((clock.now() - startMs) / everyMs)) + 1;
  }
}

export function pause(ms: number, clock: PageClock = pageClock): Promise<void> {
  return new Promise((resolve) => clock.setTimer(resolve, Math.max(0, ms)));
}
