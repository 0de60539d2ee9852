const ended = -1;

/**
 * What one connection still owes an end, in the order in which it was sent. Places count on and on; the ring holds the
 * latest. One that ended out of order keeps its place until all before it have ended.
 */
export class Awaited {
  /** The oldest place that has not ended, and the next one to be given. */
  head = 0;
  tail = 0;
  readonly #sequences: Float64Array;
  readonly #sinceMs: Float64Array;
  readonly #mask: number;

  /** @param places most at once */
  constructor(places: number) {
    const size = 2 ** Math.ceil(Math.log2(places));
    this.#sequences = new Float64Array(size).fill(ended);
    this.#sinceMs = new Float64Array(size);
    this.#mask = size - 1;
  }

  get length(): number {
    return this.tail - this.head;
  }

  push(sequence: number, sinceMs: number): void {
    const slot = this.tail++ & this.#mask;
    this.#sequences[slot] = sequence;
    this.#sinceMs[slot] = sinceMs;
  }

  /** @returns its sequence number; -1 where it has ended */
  at(place: number): number {
    return this.#sequences[place & this.#mask] as number;
  }

  /** Since when the oldest is under way; only where there is one. */
  oldestSinceMs(): number {
    return this.#sinceMs[this.head & this.#mask] as number;
  }

  /** The place of a sequence number that has not ended, in `from` up to and without `to`; -1: none. */
  find(sequence: number, from = this.head, to = this.tail): number {
    for (let place = from; place < to; place++) if (this.at(place) === sequence) return place;
    return -1;
  }

  end(place: number): void {
    this.#sequences[place & this.#mask] = ended;
    while (this.head < this.tail && this.at(this.head) === ended) this.head++;
  }
}
