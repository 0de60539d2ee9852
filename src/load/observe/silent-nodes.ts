import type { CommitObserver } from "../../contracts/load/commits.ts";

/** How long a node may show nothing while others go on. */
const usualSilenceMs = 10_000;

/**
 * Finds nodes that show nothing new for long while others do: a server may end a subscription and keep the connection.
 * Of each, its observer looks for itself whether that is so, again and again while it stays silent.
 *
 * @returns compares how far all are; to be called again and again
 */
export function watchForSilence(
  observers: readonly Pick<CommitObserver, "height" | "question">[],
  silenceMs = usualSilenceMs,
): (nowMs: number) => void {
  /** By observer: what it had told when it fell behind, what others had then, and since when. */
  const behind = new Map<number, { reported: number; others: number; sinceMs: number }>();
  return (nowMs) => {
    const heights = observers.map((observer) => observer.height());
    const highest = Math.max(0, ...heights);
    heights.forEach((reported, index) => {
      if (reported >= highest) {
        behind.delete(index);
        return;
      }
      const before = behind.get(index);
      const isSilent = before?.reported === reported;
      // Where all are silent, none is.
      if (isSilent && (nowMs - before.sinceMs < silenceMs || highest === before.others)) return;
      if (isSilent) observers[index]?.question?.(before.others);
      behind.set(index, { reported, others: highest, sinceMs: nowMs });
    });
  };
}
