/** Different reasons that are kept apart; nodes may put anything into theirs. */
const keptReasons = 100;
const longestReason = 200;
const others = "other reasons";

/** Counts reasons in bounded memory: long ones are shortened, and past the hundredth they are counted together. */
export class ReasonCounts {
  readonly counts = new Map<string, number>();

  add(reason: string, times = 1): void {
    const short = reason.length <= longestReason ? reason : `${reason.slice(0, longestReason)}…`;
    const kept = this.counts.has(short) || this.counts.size < keptReasons ? short : others;
    this.counts.set(kept, (this.counts.get(kept) ?? 0) + times);
  }
}

export function mergeReasons(counts: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const all = new ReasonCounts();
  for (const one of counts) for (const [reason, count] of one) all.add(reason, count);
  return all.counts;
}
