import type { Socket } from "node:net";
import type { RequestShape } from "./request-shape.ts";

/** Most bytes of one slab, but for one that holds a single request. */
const slabBytes = 256 * 1024;
/** Of all slabs that sockets hold: far more than a usual run needs. */
const mostBytes = 64 * 2 ** 20;

/** The transactions of one request: so many, from that one on. */
export interface RequestPart {
  readonly sequences: Float64Array;
  readonly from: number;
  readonly count: number;
}

/**
 * Requests side by side in one piece of memory: a place for each, in it the head, right-aligned, and a full body. A
 * request with fewer transactions is closed behind the last one, which is mended when more follow there.
 */
export class Slab {
  readonly bytes: Buffer;
  readonly places: number;
  readonly #shape: RequestShape;
  /** Transactions that each place had the last time. */
  readonly #counts: Int32Array;
  /** What is to be written: from `#start` to `#end`. */
  #start = 0;
  #end = 0;
  /** What was written last: where connections have one request under way, always the same. */
  #written: Buffer;

  constructor(shape: RequestShape) {
    this.#shape = shape;
    this.places = Math.max(1, Math.floor(slabBytes / shape.full.length));
    this.bytes = Buffer.alloc(this.places * shape.full.length, shape.full);
    this.#counts = new Int32Array(this.places).fill(shape.batchSize);
    this.#written = this.bytes;
  }

  /** Makes the request of this place. What is not side by side with it is written before. */
  make(place: number, { sequences, from, count }: RequestPart, socket: Socket): void {
    const { full, bodyOffset, openBytes, onward, patch } = this.#shape;
    const body = place * full.length + bodyOffset;
    const before = this.#counts[place] as number;
    if (before !== count) {
      this.#reshape(body, before, count);
      this.#counts[place] = count;
    }
    let next = body + openBytes;
    for (let index = from; index < from + count; index++) {
      patch(this.bytes, next, sequences[index] as number);
      next += onward.length;
    }
    const start = body - this.#shape.headOf(count).length;
    if (start !== this.#end) {
      this.flush(socket);
      this.#start = start;
    }
    this.#end = body + this.#shape.bodyBytes(count);
  }

  flush(socket: Socket): void {
    if (this.#end === this.#start) return;
    const isSame =
      this.#written.byteOffset === this.bytes.byteOffset + this.#start &&
      this.#written.length === this.#end - this.#start;
    if (!isSame) this.#written = this.bytes.subarray(this.#start, this.#end);
    socket.write(this.#written);
    this.#start = 0;
    this.#end = 0;
  }

  /** Makes head and end of a request fit. */
  #reshape(body: number, before: number, count: number): void {
    const { batchSize, onward, close } = this.#shape;
    if (before < batchSize) onward.copy(this.bytes, this.#closeAt(body, before), 0, close.length);
    close.copy(this.bytes, this.#closeAt(body, count));
    const head = this.#shape.headOf(count);
    head.copy(this.bytes, body - head.length);
  }

  #closeAt(body: number, count: number): number {
    return body + this.#shape.bodyBytes(count) - this.#shape.close.length;
  }
}

/** Slabs that no socket holds. One is enough as long as sockets take at once what they are given. */
export class Slabs {
  readonly shape: RequestShape;
  readonly #free: Slab[] = [];
  #leftBytes = mostBytes;

  constructor(shape: RequestShape) {
    this.shape = shape;
  }

  /** @returns undefined where sockets hold too many */
  take(): Slab | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#leftBytes < this.shape.full.length) return free;
    const slab = new Slab(this.shape);
    this.#leftBytes -= slab.bytes.length;
    return slab;
  }

  giveBack(slab: Slab): void {
    this.#free.push(slab);
  }
}
