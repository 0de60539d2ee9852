/** Packets that wait, by due time; of the same due time in the order of their arrival. Without an object per packet. */
export class DueHeap {
  #dueMs = new Float64Array(1024);
  #order = new Float64Array(1024);
  #packet = new Uint32Array(1024);
  #target = new Uint16Array(1024);
  #size = 0;
  #added = 0;

  get size(): number {
    return this.#size;
  }

  /** Due time of the first one; without end where none waits. */
  get firstDueMs(): number {
    return this.#size === 0 ? Infinity : (this.#dueMs[0] as number);
  }

  get firstPacket(): number {
    return this.#packet[0] as number;
  }

  get firstTarget(): number {
    return this.#target[0] as number;
  }

  /** @param packet its number in the queue, 32 bits @param target index, 16 bits */
  add(dueMs: number, packet: number, target: number): void {
    if (this.#size === this.#dueMs.length) this.#grow();
    this.#insert({ dueMs, order: this.#added++, packet, target });
  }

  #insert(entry: { dueMs: number; order: number; packet: number; target: number }): void {
    let at = this.#size++;
    while (at > 0) {
      const above = (at - 1) >>> 1;
      if (this.#isBefore(above, entry.dueMs, entry.order)) break;
      this.#move(above, at);
      at = above;
    }
    this.#put(at, entry);
  }

  /** Takes the first one out; there must be one. */
  removeFirst(): void {
    const last = --this.#size;
    const [dueMs, order] = [this.#dueMs[last] as number, this.#order[last] as number];
    const [packet, target] = [this.#packet[last] as number, this.#target[last] as number];
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= last) break;
      if (
        below + 1 < last &&
        this.#isBefore(below + 1, this.#dueMs[below] as number, this.#order[below] as number)
      )
        below++;
      if (!this.#isBefore(below, dueMs, order)) break;
      this.#move(below, at);
      at = below;
    }
    this.#put(at, { dueMs, order, packet, target });
  }

  /** Takes out all of a target. */
  removeTarget(target: number, taken: (packet: number) => void): void {
    const size = this.#size;
    this.#size = 0;
    for (let at = 0; at < size; at++) {
      const packet = this.#packet[at] as number;
      if (this.#target[at] === target) taken(packet);
      else
        this.#insert({
          dueMs: this.#dueMs[at] as number,
          order: this.#order[at] as number,
          packet,
          target: this.#target[at] as number,
        });
    }
  }

  #isBefore(at: number, dueMs: number, order: number): boolean {
    const ownMs = this.#dueMs[at] as number;
    return ownMs < dueMs || (ownMs === dueMs && (this.#order[at] as number) < order);
  }

  #move(from: number, to: number): void {
    this.#dueMs[to] = this.#dueMs[from] as number;
    this.#order[to] = this.#order[from] as number;
    this.#packet[to] = this.#packet[from] as number;
    this.#target[to] = this.#target[from] as number;
  }

  #put(at: number, entry: { dueMs: number; order: number; packet: number; target: number }): void {
    this.#dueMs[at] = entry.dueMs;
    this.#order[at] = entry.order;
    this.#packet[at] = entry.packet;
    this.#target[at] = entry.target;
  }

  #grow(): void {
    const length = 2 * this.#dueMs.length;
    const grown = <T extends Float64Array | Uint32Array | Uint16Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#dueMs = grown(new Float64Array(length), this.#dueMs);
    this.#order = grown(new Float64Array(length), this.#order);
    this.#packet = grown(new Uint32Array(length), this.#packet);
    this.#target = grown(new Uint16Array(length), this.#target);
  }
}
