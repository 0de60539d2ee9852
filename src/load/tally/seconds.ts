import type { Emit } from "../../contracts/events.ts";
import { Histogram } from "../../stats/histogram.ts";
import { buildSecondRow, type SecondCount, type SecondTally, type SelfSeen } from "./second-tally.ts";

/** A row that is still open. */
interface OpenSecond extends SecondTally {
  readonly counts: Record<SecondCount, number>;
  readonly self: { -readonly [K in keyof SelfSeen]: SelfSeen[K] };
}

/** The run whose seconds are counted. */
export interface SecondsRequest {
  /** When it begins: the first row is of that second. */
  readonly startMs: number;
  readonly windowMs: number;
  /**
   * CPU time used per time since it was last asked, 1 being one core; asked when rows are closed. Left out where the
   * generator is not watched.
   */
  readonly cpuRatio?: () => number | undefined;
}

/**
 * Counts what happens in each second and emits it as a `load-second` event once the second is over. Only seconds that
 * are not closed are held, so memory does not grow with the run. Times are milliseconds from the start of the window;
 * what happened in a row that was closed already counts in the one that is open.
 *
 * A window that is no whole number of seconds ends a row too: the rest of that second is one of its own. So the rows of
 * the window, added up, are exactly what happened in it.
 */
export class SecondRows {
  readonly #request: SecondsRequest;
  readonly #emit: Emit;
  /** By the start of the row. */
  readonly #open = new Map<number, OpenSecond>();
  /** Empty histograms of seconds that are closed, for those to come: new ones each second are garbage by the megabyte. */
  readonly #spare: Histogram[] = [];
  /** Start of the first row that is not closed. */
  #next: number;

  constructor(request: SecondsRequest, emit: Emit) {
    this.#request = request;
    this.#next = Math.floor(request.startMs / 1000) * 1000;
    this.#emit = emit;
  }

  /** Counts one thing that happened at that time. */
  count(what: SecondCount, atMs: number): void {
    this.#at(atMs).counts[what]++;
  }

  /** Counts a transaction that is due at that time, and how late it is offered. */
  due(dueMs: number, latenessUs: number): void {
    const { counts, lateness } = this.#at(dueMs);
    counts.due++;
    lateness.record(latenessUs);
  }

  /** Adds a headline latency of a transaction that was completed at that time. */
  latency(valueUs: number, atMs: number): void {
    this.#at(atMs).latency.record(valueUs);
  }

  /** The generator's event loop came back at that time, so much later than it was asked to. */
  loopDelay(delayMs: number, atMs: number): void {
    const { self } = this.#at(atMs);
    if (delayMs > (self.loopDelayMaxMs ?? -1)) self.loopDelayMaxMs = delayMs;
  }

  /** Garbage collection stopped the generator for so long, up to about that time. */
  gcPause(lengthMs: number, atMs: number): void {
    const { self } = this.#at(atMs);
    self.gcPauseMs = (self.gcPauseMs ?? 0) + lengthMs;
  }

  /** Emits, in order, every row that is over at that time, those without any event included. */
  closeUpTo(nowMs: number): void {
    if (this.#endOf(this.#next) > nowMs) return;
    // Rows that are closed together share what was used in them: nobody looked in between.
    const cpuRatio = this.#request.cpuRatio?.();
    for (let endMs = this.#endOf(this.#next); endMs <= nowMs; endMs = this.#endOf(this.#next)) {
      this.#close(endMs, cpuRatio);
    }
  }

  /** Emits what is left at the end of the run, the last row being a part of one. */
  finish(endMs: number): void {
    this.closeUpTo(endMs);
    if (this.#open.size > 0) this.#close(endMs, this.#request.cpuRatio?.());
  }

  #at(atMs: number): OpenSecond {
    const { windowMs } = this.#request;
    const whole = Math.floor(atMs / 1000) * 1000;
    const own = whole < windowMs && windowMs <= atMs ? windowMs : whole;
    const start = Math.max(own, this.#next);
    let open = this.#open.get(start);
    if (open === undefined) {
      open = this.#openSecond();
      this.#open.set(start, open);
    }
    return open;
  }

  /** Of the row that starts there. */
  #endOf(startMs: number): number {
    const { windowMs } = this.#request;
    const whole = (Math.floor(startMs / 1000) + 1) * 1000;
    return startMs < windowMs && windowMs < whole ? windowMs : whole;
  }

  #close(endMs: number, cpuRatio: number | undefined): void {
    const startMs = this.#next;
    this.#next = this.#endOf(startMs);
    const { self, ...rest } = this.#open.get(startMs) ?? this.#openSecond();
    this.#open.delete(startMs);
    const interval = { startSecs: startMs / 1000, lengthSecs: (endMs - startMs) / 1000 };
    this.#emit({
      type: "load-second",
      ...buildSecondRow(interval, [{ ...rest, self: { ...self, cpuRatio } }]),
    });
    for (const histogram of [rest.latency, rest.lateness]) {
      histogram.clear();
      this.#spare.push(histogram);
    }
  }

  #openSecond(): OpenSecond {
    return {
      counts: { due: 0, sent: 0, acknowledged: 0, committed: 0 },
      latency: this.#spare.pop() ?? new Histogram(),
      lateness: this.#spare.pop() ?? new Histogram(),
      // Who is watched, and did not pause, paused for 0 ms.
      self: this.#request.cpuRatio === undefined ? {} : { gcPauseMs: 0 },
    };
  }
}
