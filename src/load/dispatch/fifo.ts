const leastPlaces = 64;

/** A queue of numbers, first in, first out, that keeps its memory: nothing is allocated while it does not grow. */
export class Fifo {
  /** Its length is a power of two. */
  #items = new Float64Array(leastPlaces);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: number): void {
    if (this.#length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#length) & (this.#items.length - 1)] = item;
    this.#length++;
  }

  /** Takes the oldest one; undefined where it is empty. */
  shift(): number | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length--;
    return item;
  }

  #grow(): void {
    const items = new Float64Array(2 * this.#items.length);
    items.set(this.#items.subarray(this.#head));
    items.set(this.#items.subarray(0, this.#head), this.#items.length - this.#head);
    this.#items = items;
    this.#head = 0;
  }
}
