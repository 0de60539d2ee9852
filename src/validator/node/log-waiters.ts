/** Who waits until the transactions accepted so far are in the log: one write for all of one turn of the event loop. */
export class LogWaiters {
  readonly #isLogged: () => boolean;
  readonly #write: () => void;
  #waiting: (() => void)[] = [];

  /** @param write puts what was accepted into the log, and calls `tell` */
  constructor(isLogged: () => boolean, write: () => void) {
    this.#isLogged = isLogged;
    this.#write = write;
  }

  /** Calls back at once where all is in the log, else at the end of this turn. */
  wait(then: () => void): void {
    if (this.#isLogged()) then();
    else if (this.#waiting.push(then) === 1) setImmediate(this.#write);
  }

  /** What was accepted is in the log. */
  notify(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const then of waiting) then();
  }
}
