/** Transactions that wait for a connection, in order, with the time since when. */
export class SequenceQueue {
  readonly #sequences: Float64Array;
  readonly #sinceMs: Float64Array;
  readonly #mask: number;
  #head = 0;
  /** Those from here on came after the last `stamp`. */
  #unstamped = 0;
  #tail = 0;

  /** @param most at once */
  constructor(most: number) {
    const size = 2 ** Math.ceil(Math.log2(most));
    this.#sequences = new Float64Array(size);
    this.#sinceMs = new Float64Array(size);
    this.#mask = size - 1;
  }

  get length(): number {
    return this.#tail - this.#head;
  }

  push(sequence: number): void {
    this.#sequences[this.#tail++ & this.#mask] = sequence;
  }

  /** Only where there is one. */
  shift(): number {
    return this.#sequences[this.#head++ & this.#mask] as number;
  }

  /** What has no time yet waits since now. */
  stamp(nowMs: number): void {
    for (let place = Math.max(this.#unstamped, this.#head); place < this.#tail; place++) {
      this.#sinceMs[place & this.#mask] = nowMs;
    }
    this.#unstamped = this.#tail;
  }

  /** Since when the first one waits; Infinity where there is none that has a time. */
  oldestMs(): number {
    const isStamped = this.#head < Math.min(this.#unstamped, this.#tail);
    return isStamped ? (this.#sinceMs[this.#head & this.#mask] as number) : Number.POSITIVE_INFINITY;
  }
}
