import type { Clock } from "./clock.ts";

/** A timer is late by more the longer it waits, on virtual machines by up to a tenth: so in shorter steps. */
const stepRatio = 0.85;

/** Rings once, at a monotonic time: never before it, and at most about 1 ms after it. Setting it again moves it. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  readonly #spinMs: number;
  #atMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  /** @param spinMs for the last so many milliseconds the event loop is turned over and over: exact, and costs a core */
  constructor(clock: Clock, ring: () => void, spinMs = 0) {
    this.#clock = clock;
    this.#ring = ring;
    this.#spinMs = spinMs;
  }

  set(atMs: number): void {
    this.clear();
    this.#atMs = atMs;
    this.#wait(atMs - this.#clock.monotonicMs());
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }

  readonly #look = (): void => {
    const waitMs = this.#atMs - this.#clock.monotonicMs();
    if (waitMs > 0) this.#wait(waitMs);
    else this.#ring();
  };

  #wait(waitMs: number): void {
    if (waitMs <= this.#spinMs) this.#turn = setImmediate(this.#look);
    else this.#timer = setTimeout(this.#look, Math.max(1, Math.floor(stepRatio * waitMs)));
  }
}
