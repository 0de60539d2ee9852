import type { Clock } from "../../../src/core/clock.ts";
import { TurnLoop } from "../../../src/load/dispatch/turn-loop.ts";
import type { PacingMode } from "../../../src/load/plan/client-plan.ts";

const turns = 300;
const longestMs = 1500;

/** Wants turns every so often for a while. @returns how late each came, milliseconds */
export async function measureTurns(asked: {
  readonly mode: PacingMode;
  readonly everyMs: number;
  readonly clock: Clock;
}): Promise<number[]> {
  const { mode, everyMs, clock } = asked;
  const lateMs: number[] = [];
  const startMs = clock.monotonicMs();
  let wantedMs = startMs + everyMs;
  const loop = new TurnLoop({
    mode,
    clock,
    signal: new AbortController().signal,
    take: (nowMs) => {
      if (nowMs < wantedMs) return wantedMs;
      lateMs.push(nowMs - wantedMs);
      wantedMs += everyMs;
      return lateMs.length < turns && nowMs < startMs + longestMs ? wantedMs : undefined;
    },
  });
  await loop.run();
  return lateMs;
}
