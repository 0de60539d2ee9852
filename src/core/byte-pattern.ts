/** Bytes that are looked for, or laid, at known places, eight at a time: several times faster than byte by byte. */
export class BytePattern {
  readonly length: number;
  readonly #pattern: DataView;
  /** Worked on last: mostly one buffer, used again and again. */
  #bytes: Uint8Array | undefined;
  #view: DataView;

  /**
   * @param pattern may be changed later on; never holds a zero byte, or eight of them would equal a sign alone, and
   *   is ASCII where it is laid, or eight bytes might be no number
   */
  constructor(pattern: Uint8Array) {
    this.length = pattern.length;
    this.#pattern = viewOf(pattern);
    this.#view = this.#pattern;
  }

  /** Whether the pattern stands there. `place` plus its length is within the bytes. */
  standsIn(bytes: Uint8Array, place: number): boolean {
    const view = this.#viewOf(bytes);
    const pattern = this.#pattern;
    const last = this.length - 8;
    // What is no number equals nothing, so such bytes look different.
    for (let i = 0; i < last; i += 8) {
      if (pattern.getFloat64(i, true) !== view.getFloat64(place + i, true)) return false;
    }
    // The last eight may overlap those before them.
    if (last >= 0) return pattern.getFloat64(last, true) === view.getFloat64(place + last, true);
    for (let i = 0; i < this.length; i++) {
      if (pattern.getUint8(i) !== view.getUint8(place + i)) return false;
    }
    return true;
  }

  layInto(bytes: Uint8Array, place: number): void {
    const view = this.#viewOf(bytes);
    const pattern = this.#pattern;
    const last = this.length - 8;
    for (let i = 0; i < last; i += 8) view.setFloat64(place + i, pattern.getFloat64(i, true), true);
    if (last >= 0) view.setFloat64(place + last, pattern.getFloat64(last, true), true);
    else for (let i = 0; i < this.length; i++) view.setUint8(place + i, pattern.getUint8(i));
  }

  #viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = viewOf(bytes);
    }
    return this.#view;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
