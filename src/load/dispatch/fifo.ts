/** Shifted places that may lie unused at the front before they are given back. */
const slack = 1024;

/** A queue of numbers, first in, first out, whose `shift` does not move the rest each time. */
export class Fifo {
  #items: number[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: number): void {
    this.#items.push(item);
  }

  /** The oldest one; undefined where it is empty. */
  shift(): number | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    if (this.#head >= slack && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
