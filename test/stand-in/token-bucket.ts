/** How fast a stand-in commits at most. */
export interface Capacity {
  readonly tps: number;
  /** Transactions that may commit at once after a pause; at least 1. */
  readonly burst: number;
}

/**
 * A token bucket, by time alone: nothing waits here. Each arrival is told when its token is there, in order of arrival,
 * so that in any t seconds at most tps · t + burst are served, whatever timers do.
 *
 * @returns from the time of an arrival (ms, never before an earlier one's) to the time of its token
 * @see the generic cell rate algorithm, ITU-T I.371, virtual scheduling
 */
export function openTokenBucket({ tps, burst }: Capacity): (arrivalMs: number) => number {
  const gapMs = 1000 / tps;
  let fullAtMs = Number.NEGATIVE_INFINITY;
  return (arrivalMs) => {
    const emptiedMs = Math.max(arrivalMs, fullAtMs);
    fullAtMs = emptiedMs + gapMs;
    return Math.max(arrivalMs, emptiedMs - (burst - 1) * gapMs);
  };
}
