/** Heights that are kept with their times, 16 bytes each: three hours at 90 blocks a second. */
const mostKept = 1_000_000;

/** When each new highest height was first seen, in bounded memory. */
export class HeightTimes {
  /** New highest heights that found no room, the later ones. */
  unrecorded = 0;
  /** Those heights, rising. */
  readonly heights: number[] = [];
  readonly #seenMs: number[] = [];
  #highest = 0;

  see(height: number, nowMs: number): void {
    if (height <= this.#highest) return;
    this.#highest = height;
    if (this.#seenMs.length >= mostKept) {
      this.unrecorded++;
      return;
    }
    this.heights.push(height);
    this.#seenMs.push(nowMs);
  }

  /** The times, ascending, in milliseconds since that one. */
  since(startMs: number): number[] {
    return this.#seenMs.map((seenMs) => seenMs - startMs);
  }
}
