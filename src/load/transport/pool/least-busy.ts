const none = -1;

/**
 * Finds the connection with the least requests under way in constant time: a list of connections for each number of
 * requests. Among equals the one that was placed last is first, so that few connections do the work of a low load.
 */
export class LeastBusy {
  readonly #firsts: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #levels: Int32Array;
  /** No connection stands below it. */
  #lowest = 0;

  /** @param mostUnderWay requests on one connection; one with as many is not found */
  constructor(connections: number, mostUnderWay: number) {
    this.#firsts = new Int32Array(mostUnderWay).fill(none);
    this.#next = new Int32Array(connections).fill(none);
    this.#previous = new Int32Array(connections).fill(none);
    this.#levels = new Int32Array(connections).fill(none);
  }

  /** @returns undefined where all are full or out of use */
  least(): number | undefined {
    const levels = this.#firsts.length;
    while (this.#lowest < levels && this.#firsts[this.#lowest] === none) this.#lowest++;
    return this.#lowest < levels ? this.#firsts[this.#lowest] : undefined;
  }

  /**
   * So many more requests, up to `most`, can the least busy connection take and never have more than another one.
   * There is one.
   */
  lead(most: number): number {
    const first = this.#firsts[this.#lowest] as number;
    if (this.#next[first] !== none) return 1;
    const end = Math.min(this.#lowest + most, this.#firsts.length);
    let level = this.#lowest + 1;
    while (level < end && this.#firsts[level] === none) level++;
    return level - this.#lowest;
  }

  /** A connection with nothing under way stands ready. */
  get hasIdle(): boolean {
    return this.#firsts[0] !== none;
  }

  /** @param underWay requests; as many as the most, or more, take it out of use */
  place(connection: number, underWay: number): void {
    const before = this.#levels[connection] as number;
    const level = underWay < this.#firsts.length ? underWay : none;
    if (before === level) return;
    if (before !== none) this.#unlink(connection, before);
    this.#levels[connection] = level;
    if (level === none) return;
    const first = this.#firsts[level] as number;
    this.#previous[connection] = none;
    this.#next[connection] = first;
    if (first !== none) this.#previous[first] = connection;
    this.#firsts[level] = connection;
    if (level < this.#lowest) this.#lowest = level;
  }

  remove(connection: number): void {
    this.place(connection, this.#firsts.length);
  }

  #unlink(connection: number, level: number): void {
    const [next, previous] = [this.#next[connection] as number, this.#previous[connection] as number];
    if (previous === none) this.#firsts[level] = next;
    else this.#next[previous] = next;
    if (next !== none) this.#previous[next] = previous;
  }
}
