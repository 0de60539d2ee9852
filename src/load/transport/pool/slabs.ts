const slabBytes = 256 * 1024;
/** Far more than a usual run's connections need together. */
const mostBytes = 64 * 2 ** 20;

/** Memory of one connection: so many bytes of a slab, from `at` on. */
export interface Region {
  readonly slab: Buffer;
  readonly at: number;
  readonly lengthBytes: number;
}

/** Bounded memory that connections share: patching costs more where it goes from one buffer to another. */
export class Slabs {
  readonly #free: Region[] = [];
  #slab = Buffer.alloc(0);
  #used = 0;
  #leftBytes = mostBytes;

  /** @returns undefined where there is none left */
  take(lengthBytes: number): Region | undefined {
    const place = this.#free.findIndex((region) => region.lengthBytes >= lengthBytes);
    if (place >= 0) return this.#free.splice(place, 1)[0];
    if (this.#slab.length - this.#used < lengthBytes) {
      const newBytes = Math.max(slabBytes, lengthBytes);
      if (newBytes > this.#leftBytes) return undefined;
      this.#leftBytes -= newBytes;
      this.#slab = Buffer.allocUnsafeSlow(newBytes);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += lengthBytes;
    return { slab: this.#slab, at, lengthBytes };
  }

  giveBack(region: Region): void {
    this.#free.push(region);
  }
}
