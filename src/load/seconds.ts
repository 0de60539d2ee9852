import type { Emit } from "../contracts/events.ts";
import { Histogram } from "../stats/histogram.ts";
import { formatIntervalLine } from "../stats/hlog.ts";

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
 *
 * A window that is no whole number of seconds ends a row too: the rest of that second is one of its own. So the rows of
 * the window, added up, are exactly what happened in it.
 */
export class SecondRows {
  readonly #windowMs: number;
  readonly #emit: Emit;
  /** By the start of the row. */
  readonly #open = new Map<number, OpenSecond>();
  /** Start of the first row that is not closed. */
  #next: number;

  /** @param run when it begins (the first row is of that second), and how long the window is */
  constructor(run: { readonly startMs: number; readonly windowMs: number }, emit: Emit) {
    this.#windowMs = run.windowMs;
    this.#next = Math.floor(run.startMs / 1000) * 1000;
    this.#emit = emit;
  }

  /** Counts one thing that happened at that time; in the row that is open, where its own was closed already. */
  count(what: SecondCount, atMs: number): void {
    this.#at(atMs).counts[what]++;
  }

  /** Adds a headline latency of a transaction that was completed at that time. */
  latency(valueUs: number, atMs: number): void {
    this.#at(atMs).latency.record(valueUs);
  }

  /** Emits, in order, every row that is over at that time, those without any event included. */
  closeUpTo(nowMs: number): void {
    for (let endMs = this.#endOf(this.#next); endMs <= nowMs; endMs = this.#endOf(this.#next)) {
      this.#close(endMs);
    }
  }

  /** Emits what is left at the end of the run, the last row being a part of one. */
  finish(endMs: number): void {
    this.closeUpTo(endMs);
    if (this.#open.size > 0) this.#close(endMs);
  }

  #at(atMs: number): OpenSecond {
    const whole = Math.floor(atMs / 1000) * 1000;
    const own = whole < this.#windowMs && this.#windowMs <= atMs ? this.#windowMs : whole;
    const start = Math.max(own, this.#next);
    let open = this.#open.get(start);
    if (open === undefined) {
      open = { counts: { due: 0, sent: 0, acknowledged: 0, committed: 0 }, latency: new Histogram() };
      this.#open.set(start, open);
    }
    return open;
  }

  /** Of the row that starts there. */
  #endOf(startMs: number): number {
    const whole = (Math.floor(startMs / 1000) + 1) * 1000;
    return startMs < this.#windowMs && this.#windowMs < whole ? this.#windowMs : whole;
  }

  #close(endMs: number): void {
    const startMs = this.#next;
    this.#next = this.#endOf(startMs);
    const open = this.#open.get(startMs);
    this.#open.delete(startMs);
    const latency = open?.latency;
    const interval = { startSecs: startMs / 1000, lengthSecs: (endMs - startMs) / 1000 };
    this.#emit({
      type: "load-second",
      second: startMs / 1000,
      due: 0,
      sent: 0,
      acknowledged: 0,
      committed: 0,
      ...open?.counts,
      ...(latency === undefined || latency.count === 0
        ? {}
        : {
            p50Ms: latency.quantile(0.5) / 1000,
            p99Ms: latency.quantile(0.99) / 1000,
            histogram: formatIntervalLine(latency, interval),
          }),
    });
  }
}
