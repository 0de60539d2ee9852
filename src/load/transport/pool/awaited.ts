export const ended = -1;

/**
 * Transactions in the order in which they were handed over: those that wait for a connection, or that one connection
 * still owes an end. Places count on and on; the ring holds the latest. One that ended out of order keeps its place
 * until all before it have ended.
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

  /** @param sinceMs Infinity where that is to be said by `stamp` */
  push(sequence: number, sinceMs: number): void {
    const slot = this.tail++ & this.#mask;
    this.#sequences[slot] = sequence;
    this.#sinceMs[slot] = sinceMs;
  }

  /** Gives the newest ones, which have no time yet, this one. */
  stamp(nowMs: number): void {
    for (let place = this.tail - 1; place >= this.head; place--) {
      if (this.#sinceMs[place & this.#mask] !== Number.POSITIVE_INFINITY) return;
      this.#sinceMs[place & this.#mask] = nowMs;
    }
  }

  /** @returns its sequence number; -1 where it has ended */
  at(place: number): number {
    return this.#sequences[place & this.#mask] as number;
  }

  /** Since when the oldest one is under way; Infinity where there is none. */
  oldestSinceMs(): number {
    return this.head < this.tail
      ? (this.#sinceMs[this.head & this.#mask] as number)
      : Number.POSITIVE_INFINITY;
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

  /** Ends the oldest one, where there is one. */
  shift(): number {
    const sequence = this.at(this.head);
    this.end(this.head);
    return sequence;
  }

  /** Takes the newest one away, where there is one. */
  pop(): number {
    return this.at(--this.tail);
  }
}
