import type { RequestTemplate } from "./request-template.ts";

/** Most bytes of one slab, but for one that holds a single request. */
const slabBytes = 256 * 1024;
/** Larger ones are not kept for the next write. */
const keptBytes = 1024 * 1024;

/**
 * Slabs, rows of copies of a template to be patched and written by one call, that no socket holds. One is enough as long as sockets take at once what they are given; a slab that one of them
 * still holds must not be changed, and comes back later.
 */
export class Slabs {
  /** Requests in a slab. */
  readonly places: number;
  readonly requestBytes: number;
  readonly #template: Buffer;
  readonly #free: Buffer[] = [];

  constructor({ bytes }: RequestTemplate, mostRequests: number) {
    this.#template = bytes;
    this.requestBytes = bytes.length;
    this.places = Math.max(1, Math.min(mostRequests, Math.floor(slabBytes / bytes.length)));
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.alloc(this.places * this.requestBytes, this.#template);
  }

  giveBack(slab: Buffer): void {
    if (this.#free.length * slab.length < keptBytes) this.#free.push(slab);
  }
}
