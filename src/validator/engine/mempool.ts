import type { ValidatorTuning } from "../wire/node-files.ts";
import { transactionKey } from "./consensus/ledger.ts";

type MempoolLimits = ValidatorTuning["mempool"] & {
  readonly largestTransactionBytes: number;
};

/** Largest transaction taken: far below the largest block. */
export const largestTransactionBytes = 1024 * 1024;

/** Why a transaction was not taken; texts are CometBFT's. */
export interface Refusal {
  readonly code: "duplicate" | "mempool-full" | "too-large";
  readonly message: string;
}

export const duplicate: Refusal = { code: "duplicate", message: "tx already exists in cache" };

/** Transactions that wait for the next own block, in the order of their coming. */
export class Mempool {
  readonly #limits: MempoolLimits;
  /** The latest accepted ones, those proposed since included: at least as many as may wait. */
  #seen = new Set<string>();
  #seenBefore = new Set<string>();
  #waiting: Uint8Array[] = [];
  /** Waiting ones before this index are gone. */
  #first = 0;
  /** Waiting ones from this index on were not handed to the log yet. */
  #unlogged = 0;
  #bytes = 0;

  constructor(limits: MempoolLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#waiting.length - this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  peek(limit: number): readonly Uint8Array[] {
    return this.#waiting.slice(this.#first, this.#first + limit);
  }

  /**
   * Takes a transaction, which must not be changed afterwards.
   *
   * @param key `transactionKey` of it
   */
  add(transaction: Uint8Array, key: string): Refusal | undefined {
    const { mostTransactions, mostBytes, largestTransactionBytes } = this.#limits;
    if (this.count >= mostTransactions || this.#bytes + transaction.length > mostBytes) {
      const message =
        `mempool is full: number of txs ${this.count} (max: ${mostTransactions}), ` +
        `total txs bytes ${this.#bytes} (max: ${mostBytes})`;
      return { code: "mempool-full", message };
    }
    if (transaction.length > largestTransactionBytes) {
      const message = `Tx too large. Max size is ${largestTransactionBytes}, but got ${transaction.length}`;
      return { code: "too-large", message };
    }
    if (!this.#remember(key)) return duplicate;
    this.#wait(transaction);
    return undefined;
  }

  /** Takes out the oldest transactions, up to a number of bytes; at least one where any waits. */
  take(mostBytes: number): Uint8Array[] {
    let bytes = 0;
    let end = this.#first;
    for (; end < this.#waiting.length; end++) {
      const size = (this.#waiting[end]?.length ?? 0) + 4;
      if (end > this.#first && bytes + size > mostBytes) break;
      bytes += size;
    }
    const taken = this.#waiting.slice(this.#first, end);
    this.#bytes -= bytes - 4 * taken.length;
    this.#unlogged = Math.max(this.#unlogged, end);
    this.#first = end;
    this.#compact();
    return taken;
  }

  /** Whether all that was accepted has been handed to the log. */
  get isLogged(): boolean {
    return this.#unlogged >= this.#waiting.length;
  }

  /** The waiting transactions that no earlier call gave. */
  takeUnlogged(): readonly Uint8Array[] {
    const unlogged = this.#waiting.slice(this.#unlogged);
    this.#unlogged = this.#waiting.length;
    return unlogged;
  }

  /** Takes what a former life left waiting, already in the log. It was promised: no limit keeps it out. */
  restore(transactions: Iterable<Uint8Array>): void {
    for (const transaction of transactions) {
      if (this.#remember(transactionKey(transaction))) this.#wait(transaction);
    }
    this.#unlogged = this.#waiting.length;
  }

  /**
   * Takes back transactions whose block came to nothing. They were promised: no limit keeps them out, and they go into
   * the log again.
   */
  putBack(transactions: readonly Uint8Array[]): void {
    for (const transaction of transactions) {
      this.#remember(transactionKey(transaction));
      this.#wait(transaction);
    }
  }

  #wait(transaction: Uint8Array): void {
    this.#waiting.push(transaction);
    this.#bytes += transaction.length;
  }

  /**
   * Returns whether the key is new. Two generations: forgetting the oldest one by one would cost a walk over the holes
   * that they leave.
   */
  #remember(key: string): boolean {
    if (this.#seen.has(key) || this.#seenBefore.has(key)) return false;
    if (this.#seen.size >= this.#limits.mostTransactions) {
      this.#seenBefore = this.#seen;
      this.#seen = new Set();
    }
    this.#seen.add(key);
    return true;
  }

  /** Frees what was taken once that is most of the array. */
  #compact(): void {
    if (this.#first < 1024 && this.#first < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#unlogged -= this.#first;
    this.#first = 0;
  }
}
