import type { Emit } from "../contracts/events.ts";
import { Histogram } from "../stats/histogram.ts";

/** What is counted per second. */
export type SecondCount = "due" | "sent" | "acknowledged" | "committed";

interface OpenSecond {
  readonly counts: Record<SecondCount, number>;
  /** Of the headline latency. */
  readonly latency: Histogram;
}

/**
 * Counts what happens in each second and emits it as a `load-second` event once the second is over. Only seconds that
 * are not closed are held, so memory does not grow with the run. Times are milliseconds from the start of the window.
 */
export class SecondRows {
  readonly #emit: Emit;
  readonly #open = new Map<number, OpenSecond>();
  #next: number;

  /** @param startMs when the run begins: the first row is of that second */
  constructor(startMs: number, emit: Emit) {
    this.#next = Math.floor(startMs / 1000);
    this.#emit = emit;
  }

  /** Counts one thing that happened at that time; in the second that is open, where its own was closed already. */
  count(what: SecondCount, atMs: number): void {
    this.#at(atMs).counts[what]++;
  }

  /** Adds a headline latency of a transaction that was completed at that time. */
  latency(valueUs: number, atMs: number): void {
    this.#at(atMs).latency.record(valueUs);
  }

  /** Emits, in order, every second that is over at that time, those without any event included. */
  closeUpTo(nowMs: number): void {
    while ((this.#next + 1) * 1000 <= nowMs) this.#close();
  }

  /** Emits what is left at the end of the run, the last second being a part of one. */
  finish(endMs: number): void {
    this.closeUpTo(endMs);
    if (this.#open.size > 0) this.#close();
  }

  #at(atMs: number): OpenSecond {
    const second = Math.max(Math.floor(atMs / 1000), this.#next);
    let open = this.#open.get(second);
    if (open === undefined) {
      open = { counts: { due: 0, sent: 0, acknowledged: 0, committed: 0 }, latency: new Histogram() };
      this.#open.set(second, open);
    }
    return open;
  }

  #close(): void {
    const second = this.#next++;
    const open = this.#open.get(second);
    this.#open.delete(second);
    const latency = open?.latency;
    this.#emit({
      type: "load-second",
      second,
      due: 0,
      sent: 0,
      acknowledged: 0,
      committed: 0,
      ...open?.counts,
      ...(latency === undefined || latency.count === 0
        ? {}
        : { p50Ms: latency.quantile(0.5) / 1000, p99Ms: latency.quantile(0.99) / 1000 }),
    });
  }
}
