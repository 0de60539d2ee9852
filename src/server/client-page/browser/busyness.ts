/** How busy the page is: how late its timers come, and how long its tasks keep it. */
import type { Ticker } from "./ticker.ts";

export interface Busyness {
  readonly tickRatePerSec: number;
  readonly timerLatenessMeanMs: number;
  readonly timerLatenessMaxMs: number;
  /** Tasks of more than 50 ms, which nothing else of the page runs beside. */
  readonly longTasks: number;
  readonly longTasksMs: number;
}

export class BusynessMeter implements Disposable {
  readonly #ticker: Ticker;
  readonly #observer: PerformanceObserver;
  #longTasks = 0;
  #longTasksMs = 0;
  #lastMs: number;

  constructor(ticker: Ticker, nowMs: number) {
    this.#ticker = ticker;
    this.#lastMs = nowMs;
    this.#observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        this.#longTasks++;
        this.#longTasksMs += duration;
      }
    });
    this.#observer.observe({ type: "longtask" });
  }

  /** Since the last call. */
  take(nowMs: number): Busyness {
    const { ticks, latenessSumMs, latenessMaxMs } = this.#ticker.takeFigures();
    const elapsedMs = nowMs - this.#lastMs;
    const busyness = {
      tickRatePerSec: elapsedMs > 0 ? (ticks * 1000) / elapsedMs : 0,
      timerLatenessMeanMs: ticks > 0 ? latenessSumMs / ticks : 0,
      timerLatenessMaxMs: latenessMaxMs,
      longTasks: this.#longTasks,
      longTasksMs: this.#longTasksMs,
    };
    this.#longTasks = 0;
    this.#longTasksMs = 0;
    this.#lastMs = nowMs;
    return busyness;
  }

  [Symbol.dispose](): void {
    this.#observer.disconnect();
  }
}
