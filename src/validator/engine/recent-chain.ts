import type { ChainBlock, Commit } from "./consensus/ledger.ts";

/** Heights kept for those who ask: this many, or fewer where their transactions fill the bytes. */
export const defaultRetention = { mostHeights: 5_000, mostBytes: 128 * 1024 * 1024 };

/** What a transaction costs beside its own bytes: its view, its key, its place in the index. */
const transactionOverheadBytes = 250;
const blockOverheadBytes = 1_000;

interface Kept {
  readonly block: ChainBlock;
  readonly bytes: number;
}

/** The latest committed blocks, and where each of their transactions stands. */
export class RecentChain {
  readonly #retention: Readonly<typeof defaultRetention>;
  readonly #blocks = new Map<number, Kept>();
  /** Key of `transactionKey` → the height it was committed at. */
  readonly #heights = new Map<string, number>();
  readonly #listeners = new Set<(block: ChainBlock) => void>();
  #height = 0;
  #earliest = 1;
  #bytes = 0;

  constructor(retention: Readonly<typeof defaultRetention>) {
    this.#retention = retention;
  }

  get height(): number {
    return this.#height;
  }

  /** Lowest height kept; above `height` where none is. */
  get earliestHeight(): number {
    return this.#earliest;
  }

  block(height: number): ChainBlock | undefined {
    return this.#blocks.get(height)?.block;
  }

  /** Where the transaction of a key stands, as far as heights are kept. */
  find(key: string): { height: number; index: number } | undefined {
    const height = this.#heights.get(key);
    const kept = height === undefined ? undefined : this.#blocks.get(height);
    return kept && { height: kept.block.height, index: kept.block.transactionKeys.indexOf(key) };
  }

  onBlock(listener: (block: ChainBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets all blocks: the next commit is that of the height after this one. */
  restart(height: number): void {
    this.#blocks.clear();
    this.#heights.clear();
    this.#bytes = 0;
    this.#height = height;
    this.#earliest = height + 1;
  }

  /** Takes the commit of the next height, forgets what is too old, and tells the listeners. */
  append({ leader, blocks, ...block }: Commit): void {
    const { transactions } = block;
    const ownBytes = transactions.reduce((sum, each) => sum + each.length, blockOverheadBytes);
    this.#keep({ block, bytes: ownBytes + transactions.length * transactionOverheadBytes });
    for (const listener of this.#listeners) listener(block);
  }

  #keep(kept: Kept): void {
    this.#height = kept.block.height;
    this.#blocks.set(this.#height, kept);
    for (const key of kept.block.transactionKeys) this.#heights.set(key, this.#height);
    this.#bytes += kept.bytes;
    while (
      this.#earliest < this.#height &&
      (this.#blocks.size > this.#retention.mostHeights || this.#bytes > this.#retention.mostBytes)
    ) {
      this.#forget(this.#earliest++);
    }
  }

  #forget(height: number): void {
    const kept = this.#blocks.get(height);
    this.#blocks.delete(height);
    if (kept === undefined) return;
    this.#bytes -= kept.bytes;
    // A transaction may have come again, after the window in which repeats are dropped.
    for (const key of kept.block.transactionKeys)
      if (this.#heights.get(key) === height) this.#heights.delete(key);
  }
}
