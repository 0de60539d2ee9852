import type { Clock } from "../../core/clock.ts";
import { InterruptedError } from "../../core/explain.ts";

const watched = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type WatchedSignal = (typeof watched)[number];

/** Where signals arrive; `process` is one. */
export interface SignalSource {
  readonly on: (signal: WatchedSignal, listener: () => void) => unknown;
  readonly off: (signal: WatchedSignal, listener: () => void) => unknown;
}

export interface Interruption extends Disposable {
  /** Aborts with an InterruptedError, or with the error given to `abort`. */
  readonly signal: AbortSignal;
  readonly abort: (reason: Error) => void;
}

export interface InterruptionOptions {
  readonly source: SignalSource;
  readonly clock: Clock;
  readonly note: (line: string) => void;
  /** Ends the process at once. */
  readonly leave: () => void;
  /** What stays behind if it leaves now: a line each. */
  readonly leftBehind: () => readonly string[];
}

/**
 * One Ctrl-C comes more than once: from the terminal to the whole group, from npm, from a launcher that forwards it.
 * Signals this soon after the first one are that same one.
 */
const echoMs = 500;

/** The first signal aborts and lets the clean-up run; a later one leaves at once, saying what is left. */
export function watchSignals({ source, clock, note, leave, leftBehind }: InterruptionOptions): Interruption {
  const controller = new AbortController();
  let firstMs: number | undefined;
  const stopWatching = () => {
    for (const { signal, listener } of listeners) source.off(signal, listener);
  };
  const listeners = watched.map((signal) => {
    const listener = () => {
      const nowMs = clock.monotonicMs();
      if (firstMs === undefined) {
        firstMs = nowMs;
        note(`Interrupted (${signal}): cleaning up. Press Ctrl-C again to leave at once.`);
        controller.abort(new InterruptedError(`Interrupted by ${signal}.`));
      } else if (nowMs - firstMs >= echoMs) {
        const left = leftBehind();
        note("Leaving without the rest of the clean-up.");
        for (const line of left) note(line);
        // An exit waits for file operations under way; where the disk hangs, the next signal ends it by default.
        stopWatching();
        leave();
      }
    };
    source.on(signal, listener);
    return { signal, listener };
  });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: stopWatching,
  };
}
