/**
 * Transactions that wait, or that one connection has under way, first in, first out. From its head on: the expired ones,
 * whose reply nobody waits for any more; those that were written; those that got their time; the newest.
 */
export class RequestRing {
  /** How many there are in all, and how many of them, from the head on, are so far. */
  length = 0;
  stamped = 0;
  written = 0;
  expired = 0;
  readonly #sequences: Float64Array;
  readonly #sentMs: Float64Array;
  readonly #mask: number;
  #head = 0;

  /** @param places at least as many as there will ever be at once */
  constructor(places: number) {
    const size = 2 ** Math.ceil(Math.log2(places));
    this.#sequences = new Float64Array(size);
    this.#sentMs = new Float64Array(size);
    this.#mask = size - 1;
  }

  push(sequence: number): void {
    this.#sequences[(this.#head + this.length) & this.#mask] = sequence;
    this.length++;
  }

  /** Takes the first one away, where there is one. */
  shift(): number {
    const sequence = this.#sequences[this.#head] as number;
    this.#head = (this.#head + 1) & this.#mask;
    this.length--;
    if (this.stamped > 0) this.stamped--;
    if (this.written > 0) this.written--;
    if (this.expired > 0) this.expired--;
    return sequence;
  }

  /** Sequence number of the one at a place, the head's being 0. */
  at(place: number): number {
    return this.#sequences[(this.#head + place) & this.#mask] as number;
  }

  /** Gives all that have no time yet this one. */
  stamp(nowMs: number): void {
    for (; this.stamped < this.length; this.stamped++) {
      this.#sentMs[(this.#head + this.stamped) & this.#mask] = nowMs;
    }
  }

  /** When the first one was sent that a reply is still waited for; Infinity where there is none. */
  oldestMs(): number {
    if (this.expired >= this.stamped) return Number.POSITIVE_INFINITY;
    return this.#sentMs[(this.#head + this.expired) & this.#mask] as number;
  }
}
