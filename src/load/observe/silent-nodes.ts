import type { CommitObserver } from "../../contracts/load/commits.ts";

/** How long a node may show nothing while others go on. */
const usualSilenceMs = 10_000;

/**
 * Finds nodes that show nothing new for long while others do: a server may end a subscription and keep the connection.
 * Of each, its observer looks for itself whether that is so, again and again while it stays silent.
 */
export class SilentNodes {
  readonly #observers: readonly Pick<CommitObserver, "height" | "question">[];
  readonly #silenceMs: number;
  /** By observer: what it had told when it fell behind, what others had then, and since when. */
  readonly #behind = new Map<
    number,
    { readonly reported: number; readonly others: number; readonly sinceMs: number }
  >();

  constructor(observers: readonly Pick<CommitObserver, "height" | "question">[], silenceMs = usualSilenceMs) {
    this.#observers = observers;
    this.#silenceMs = silenceMs;
  }

  /** Compares how far all are. To be called again and again. */
  look(nowMs: number): void {
    const heights = this.#observers.map((observer) => observer.height());
    const highest = Math.max(0, ...heights);
    heights.forEach((reported, index) => {
      if (reported >= highest) {
        this.#behind.delete(index);
        return;
      }
      const before = this.#behind.get(index);
      const isSilent = before?.reported === reported;
      // Where all are silent, none is.
      if (isSilent && (nowMs - before.sinceMs < this.#silenceMs || highest === before.others)) return;
      if (isSilent) this.#observers[index]?.question?.(before.others);
      this.#behind.set(index, { reported, others: highest, sinceMs: nowMs });
    });
  }
}
