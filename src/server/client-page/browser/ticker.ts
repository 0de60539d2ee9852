/** Calls a routine some 60 times a second, at due times, and measures how late that is. */

export const ticksPerSec = 60;

/** Time of a page, handed in so that tests can hold it. */
export interface PageClock {
  /** Milliseconds, monotonic. */
  now(): number;
  setTimer(act: () => void, ms: number): unknown;
}

export const pageClock: PageClock = {
  now: () => performance.now(),
  setTimer: (act, ms) => setTimeout(act, ms),
};

export interface TickFigures {
  readonly ticks: number;
  /** Of all ticks: milliseconds between when one was due and when it came. */
  readonly latenessSumMs: number;
  readonly latenessMaxMs: number;
}

export class Ticker {
  readonly #clock: PageClock;
  #ticks = 0;
  #latenessSumMs = 0;
  #latenessMaxMs = 0;
  #isStopped = false;

  constructor(clock: PageClock) {
    this.#clock = clock;
  }

  /** What is measured since the last call. */
  takeFigures(): TickFigures {
    const figures = {
      ticks: this.#ticks,
      latenessSumMs: this.#latenessSumMs,
      latenessMaxMs: this.#latenessMaxMs,
    };
    this.#ticks = 0;
    this.#latenessSumMs = 0;
    this.#latenessMaxMs = 0;
    return figures;
  }

  /**
   * Resolves at the end of the duration, or when stopped; no tick comes after that.
   *
   * @param tick its milliseconds since the start, and since the tick before
   */
  run(durationMs: number, tick: (elapsedMs: number, deltaMs: number) => void): Promise<void> {
    const startMs = this.#clock.now();
    const everyMs = 1000 / ticksPerSec;
    return new Promise((resolve, reject) => {
      let due = 0;
      let lastMs = 0;
      const schedule = (elapsedMs: number) => {
        // Ticks that were missed altogether are left out: routines look at the time, not at the number of calls.
        due = Math.max(due + 1, Math.floor(elapsedMs / everyMs) + 1);
        this.#clock.setTimer(onTimer, Math.max(0, Math.min(due * everyMs, durationMs) - elapsedMs));
      };
      const onTimer = () => {
        const elapsedMs = this.#clock.now() - startMs;
        if (this.#isStopped || elapsedMs >= durationMs) return resolve();
        const latenessMs = Math.max(0, elapsedMs - due * everyMs);
        this.#ticks++;
        this.#latenessSumMs += latenessMs;
        this.#latenessMaxMs = Math.max(this.#latenessMaxMs, latenessMs);
        try {
          tick(elapsedMs, elapsedMs - lastMs);
        } catch (error) {
          return reject(error);
        }
        lastMs = elapsedMs;
        schedule(this.#clock.now() - startMs);
      };
      schedule(0);
    });
  }

  stop(): void {
    this.#isStopped = true;
  }
}
