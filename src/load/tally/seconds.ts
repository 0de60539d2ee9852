import { Histogram } from "../../metrics/stats/histogram.ts";
import { LatencyRecord } from "../../metrics/stats/latency-record.ts";
import type { SecondCount, SecondTally, SelfSeen } from "./second-tally.ts";

/** A row that is still open. What is counted is counted here alone, and added up when the row is closed. */
export interface OpenSecond {
  readonly startMs: number;
  readonly endMs: number;
  readonly counts: Record<SecondCount, number>;
  /** Headline latencies of the window's transactions that were completed in it. */
  readonly latency: LatencyRecord;
  /** Likewise of the warm-up's. */
  readonly warmUpLatency: Histogram;
  /** Of what was due in it. */
  readonly lateness: LatencyRecord;
  readonly self: { -readonly [K in keyof SelfSeen]: SelfSeen[K] };
}

/** The memory of a row, which the next ones use again: new ones each second are garbage by the megabyte. */
type RowMemory = Pick<OpenSecond, "latency" | "warmUpLatency" | "lateness">;

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
 * Counts what happens in each second and hands it out once the second is over; what is handed out may be read during
 * the call alone. Only seconds that are not closed are held, so memory does not grow with the run. Times are
 * milliseconds from the start of the window; what happened in a row that was closed already counts in the first one
 * that is open.
 *
 * A window that is no whole number of seconds ends a row too: the rest of that second is one of its own. So the rows of
 * the window, added up, are exactly what happened in it, and that is where the run's figures come from.
 */
export class SecondRows {
  /** Of the window's transactions, as far as their rows are closed. */
  readonly headline = new LatencyRecord();
  readonly lateness = new LatencyRecord();
  /** What happened inside the window, as far as its rows are closed, whichever transaction it befell. */
  acknowledgedInWindow = 0;
  committedInWindow = 0;
  readonly #request: SecondsRequest;
  readonly #onSecond: (second: SecondTally) => void;
  /** By the start of the row. */
  readonly #open = new Map<number, OpenSecond>();
  readonly #spare: RowMemory[] = [];
  /** Start of the first row that is not closed. */
  #next: number;
  /** The one that was asked for last; else one that no time is in. */
  #current: OpenSecond = nowhere;
  /** Likewise for what is due, which may be behind: not looked up anew for every transaction then. */
  #currentDue: OpenSecond = nowhere;

  constructor(request: SecondsRequest, onSecond: (second: SecondTally) => void) {
    this.#request = request;
    // A run without a warm-up begins at -0, which would be told as such.
    this.#next = Math.floor(request.startMs / 1000) * 1000 || 0;
    this.#onSecond = onSecond;
  }

  /** The row of that time. It must not be kept. */
  at(atMs: number): OpenSecond {
    const current = this.#current;
    if (atMs >= current.startMs && atMs < current.endMs) return current;
    this.#current = this.#at(atMs);
    return this.#current;
  }

  /** Counts one thing that happened at that time. */
  count(what: SecondCount, atMs: number): void {
    this.at(atMs).counts[what]++;
  }

  /** Counts a transaction that is due at that time, and how late it is offered. */
  due(dueMs: number, latenessUs: number): void {
    let row = this.#currentDue;
    if (!(dueMs >= row.startMs && dueMs < row.endMs)) {
      row = this.#at(dueMs);
      this.#currentDue = row;
    }
    row.counts.due++;
    row.lateness.recordWhole(latenessUs);
  }

  /** The generator's event loop came back at that time, so much later than it was asked to. */
  loopDelay(delayMs: number, atMs: number): void {
    const { self } = this.at(atMs);
    if (delayMs > (self.loopDelayMaxMs ?? -1)) self.loopDelayMaxMs = delayMs;
  }

  /** Garbage collection stopped the generator for so long, up to about that time. */
  gcPause(lengthMs: number, atMs: number): void {
    const { self } = this.at(atMs);
    self.gcPauseMs = (self.gcPauseMs ?? 0) + lengthMs;
  }

  /** Hands out, in order, every row that is over at that time, those without any event included. */
  closeUpTo(nowMs: number): void {
    if (this.#endOf(this.#next) > nowMs) return;
    // Rows that are closed together share what was used in them: nobody looked in between.
    const cpuRatio = this.#request.cpuRatio?.();
    for (let endMs = this.#endOf(this.#next); endMs <= nowMs; endMs = this.#endOf(this.#next)) {
      this.#close(endMs, cpuRatio);
    }
  }

  /** Hands out what is left at the end of the run, the last row being a part of one. */
  finish(endMs: number): void {
    this.closeUpTo(endMs);
    if (this.#open.has(this.#next)) this.#close(endMs, this.#request.cpuRatio?.());
  }

  #at(atMs: number): OpenSecond {
    const { windowMs } = this.#request;
    const whole = Math.floor(atMs / 1000) * 1000;
    const own = whole < windowMs && windowMs <= atMs ? windowMs : whole;
    const startMs = Math.max(own, this.#next);
    let open = this.#open.get(startMs);
    if (open === undefined) {
      open = this.#openSecond(startMs);
      this.#open.set(startMs, open);
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
    const row = this.#open.get(startMs) ?? this.#openSecond(startMs);
    this.#open.delete(startMs);
    const { counts, latency, warmUpLatency, lateness, self } = row;
    this.headline.merge(latency);
    if (startMs >= 0 && startMs < this.#request.windowMs) {
      this.lateness.merge(lateness);
      this.acknowledgedInWindow += counts.acknowledged;
      this.committedInWindow += counts.committed;
    }
    // The row tells of both together; the window's alone have just been added up.
    latency.measured.merge(warmUpLatency);
    this.#onSecond({
      ...{ startSecs: startMs / 1000, lengthSecs: (endMs - startMs) / 1000, counts },
      ...{ latency: latency.measured, lateness: lateness.measured, self: { ...self, cpuRatio } },
    });
    for (const memory of [latency, warmUpLatency, lateness]) memory.clear();
    this.#spare.push({ latency, warmUpLatency, lateness });
    if (this.#current === row) this.#current = nowhere;
    if (this.#currentDue === row) this.#currentDue = nowhere;
  }

  #openSecond(startMs: number): OpenSecond {
    return {
      startMs,
      endMs: this.#endOf(startMs),
      counts: { ...noCounts },
      ...(this.#spare.pop() ?? openMemory()),
      // Who is watched, and did not pause, paused for 0 ms.
      self: this.#request.cpuRatio === undefined ? {} : { gcPauseMs: 0 },
    };
  }
}

function openMemory(): RowMemory {
  return { latency: new LatencyRecord(), warmUpLatency: new Histogram(), lateness: new LatencyRecord() };
}

const noCounts = { due: 0, sent: 0, acknowledged: 0, committed: 0, failed: 0 };

const nowhere: OpenSecond = {
  startMs: Number.POSITIVE_INFINITY,
  endMs: Number.NEGATIVE_INFINITY,
  counts: noCounts,
  ...openMemory(),
  self: {},
};
