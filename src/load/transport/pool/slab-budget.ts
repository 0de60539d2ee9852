/** Far more than a usual run's connections need together. */
const mostBytes = 64 * 2 ** 20;

/**
 * Memory that the connections of one transport may take for requests that are made beforehand and patched in place.
 * Those that get none make each request anew, which costs more time and keeps nothing.
 */
export class SlabBudget {
  #leftBytes = mostBytes;

  /** @returns what gives it back, once; undefined where so much is not left */
  take(bytes: number): (() => void) | undefined {
    if (bytes > this.#leftBytes) return undefined;
    this.#leftBytes -= bytes;
    let isTaken = true;
    return () => {
      if (isTaken) this.#leftBytes += bytes;
      isTaken = false;
    };
  }
}
