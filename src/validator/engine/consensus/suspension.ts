import type { Block, BlockRef } from "./block.ts";

interface Suspended {
  readonly block: Block;
  missing: number;
}

/** A ref that is missing, and the suspended blocks that name it. */
interface Missing {
  readonly ref: BlockRef;
  readonly dependants: Suspended[];
}

/** Blocks that wait until all their refs are accepted. */
export class Suspension {
  readonly #blocks = new Map<string, Suspended>();
  readonly #missing = new Map<string, Missing>();
  /** No missing ref is of a lower round, and so no suspended block is. */
  #lowestRound = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#blocks.size;
  }

  has(key: string): boolean {
    return this.#blocks.has(key);
  }

  /** The highest one of an author. */
  highestOf(author: number): Block | undefined {
    let highest: Block | undefined;
    for (const { block } of this.#blocks.values()) {
      if (block.ref.author === author && block.ref.round > (highest?.ref.round ?? 0)) highest = block;
    }
    return highest;
  }

  /** Whether a block waits for exactly this one. */
  isMissing(key: string): boolean {
    return this.#missing.has(key);
  }

  /** Whether blocks of another author than its own wait for one, also by way of others that wait. */
  isMissingToOthers({ key, author }: BlockRef): boolean {
    const pending = [key];
    const seen = new Set(pending);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const { block } of this.#missing.get(next)?.dependants ?? []) {
        if (block.ref.author !== author) return true;
        if (!seen.has(block.ref.key)) pending.push(block.ref.key);
        seen.add(block.ref.key);
      }
    }
    return false;
  }

  /** What is waited for and is not held here. */
  missing(): BlockRef[] {
    return [...this.#missing.values()].flatMap(({ ref }) => (this.has(ref.key) ? [] : ref));
  }

  /** Holds a block back until each of these refs, one at least, is accepted or obsolete. */
  add(block: Block, missing: readonly BlockRef[]): void {
    const suspended: Suspended = { block, missing: missing.length };
    this.#blocks.set(block.ref.key, suspended);
    for (const ref of missing) {
      this.#lowestRound = Math.min(this.#lowestRound, ref.round);
      const known = this.#missing.get(ref.key);
      if (known !== undefined) known.dependants.push(suspended);
      else this.#missing.set(ref.key, { ref, dependants: [suspended] });
    }
  }

  /** A block was accepted: adds those that waited for nothing else to `released`. */
  resolve(key: string, released: Block[]): void {
    const missing = this.#missing.get(key);
    if (missing === undefined) return;
    this.#missing.delete(key);
    for (const dependant of missing.dependants) {
      if (--dependant.missing > 0 || !this.#blocks.delete(dependant.block.ref.key)) continue;
      released.push(dependant.block);
    }
  }

  /** Forgets the blocks at or below a round, and adds those above that waited only for such ones to `released`. */
  collect(gcRound: number, released: Block[]): void {
    if (gcRound < this.#lowestRound) return;
    for (const [key, { block }] of this.#blocks) {
      if (block.ref.round <= gcRound) this.#blocks.delete(key);
    }
    // What a forgotten block waited for is lower still, so that nothing of it stays behind.
    this.#lowestRound = Number.POSITIVE_INFINITY;
    for (const [key, { ref }] of this.#missing) {
      if (ref.round <= gcRound) this.resolve(key, released);
      else this.#lowestRound = Math.min(this.#lowestRound, ref.round);
    }
  }
}
