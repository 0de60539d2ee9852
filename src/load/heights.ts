/** Heights whose times are kept, 8 bytes each: three hours at 90 blocks a second. */
const mostKept = 1_000_000;

/** When each new highest height was first seen, in bounded memory. */
export class HeightTimes {
  /** New highest heights that found no room, the later ones. */
  unrecorded = 0;
  readonly #seenMs: number[] = [];
  readonly #most: number;
  #highest = 0;

  constructor(most = mostKept) {
    this.#most = most;
  }

  see(height: number, nowMs: number): void {
    if (height <= this.#highest) return;
    this.#highest = height;
    if (this.#seenMs.length < this.#most) this.#seenMs.push(nowMs);
    else this.unrecorded++;
  }

  /** The times, ascending, in milliseconds since that one. */
  since(startMs: number): number[] {
    return this.#seenMs.map((seenMs) => seenMs - startMs);
  }
}
