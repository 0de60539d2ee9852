import { hash } from "node:crypto";
import { type Block, refBytes, sha256, transactionsOf, writeRef } from "./block.ts";
import type { BlockRules } from "./validity.ts";

/** How many heights back a repeated transaction is recognised. The same on all validators: it is part of the rule. */
export const dedupWindowHeights = 1000;

/** One committed leader with what it ordered; `height` counts from 1. */
export interface Commit {
  readonly height: number;
  readonly leader: Block;
  /** What it ordered, in that order, the leader included. */
  readonly blocks: readonly Block[];
  readonly previousHash: Buffer;
  readonly timeMs: number;
  readonly appHash: Buffer;
  readonly previousAppHash: Buffer;
  /** Views into the ordered blocks, repeated ones left out. */
  readonly transactions: readonly Buffer[];
  /** SHA-256 of each transaction as a latin-1 string of 32 characters. */
  readonly transactionKeys: readonly string[];
}

/** Gives each committed leader its height, time and hash, and drops transactions seen in the last heights. */
export class Ledger {
  readonly #window = new Set<string>();
  /** Keys by height, of the heights in the window, oldest first. */
  readonly #keysByHeight: (readonly string[])[] = [];
  #height = 0;
  #timeMs: number;
  #hash: Buffer = Buffer.alloc(32);
  #appHash: Buffer;

  constructor({ domain, genesisTimeMs }: Pick<BlockRules, "domain" | "genesisTimeMs">) {
    this.#timeMs = genesisTimeMs;
    this.#appHash = sha256(Buffer.concat([domain, Buffer.from("state")]));
  }

  get height(): number {
    return this.#height;
  }

  /**
   * @param blocks the leader's newly committed history in its order, the leader included
   * @param claimedMs the time that its parents agree on
   */
  append(leader: Block, blocks: readonly Block[], claimedMs: number): Commit {
    const previousHash = this.#hash;
    const previousAppHash = this.#appHash;
    this.#height++;
    this.#timeMs = Math.max(this.#timeMs + 1, claimedMs);
    this.#hash = leader.ref.digest;
    this.#appHash = sha256(hashInput(previousAppHash, leader, blocks));
    return {
      height: this.#height,
      leader,
      blocks,
      previousHash,
      timeMs: this.#timeMs,
      appHash: this.#appHash,
      previousAppHash,
      ...this.#withoutRepeated(blocks),
    };
  }

  #withoutRepeated(blocks: readonly Block[]): { transactions: Buffer[]; transactionKeys: string[] } {
    if (this.#keysByHeight.length === dedupWindowHeights) {
      for (const key of this.#keysByHeight.shift() ?? []) this.#window.delete(key);
    }
    const transactions: Buffer[] = [];
    const transactionKeys: string[] = [];
    for (const block of blocks) {
      for (const transaction of transactionsOf(block)) {
        const key = transactionKey(transaction);
        if (this.#window.has(key)) continue;
        this.#window.add(key);
        transactions.push(transaction);
        transactionKeys.push(key);
      }
    }
    this.#keysByHeight.push(transactionKeys);
    return { transactions, transactionKeys };
  }
}

/** SHA-256 of a transaction as a latin-1 string of 32 characters: a compact key for maps. */
export function transactionKey(transaction: Uint8Array): string {
  return hash("sha256", transaction, "binary");
}

/** appHash_i = SHA-256(appHash_{i-1} ‖ leader digest ‖ refs of the ordered blocks). */
function hashInput(previousAppHash: Buffer, leader: Block, blocks: readonly Block[]): Buffer {
  const input = Buffer.allocUnsafe(64 + blocks.length * refBytes);
  previousAppHash.copy(input, 0);
  leader.ref.digest.copy(input, 32);
  let at = 64;
  for (const block of blocks) at = writeRef(input, at, block.ref);
  return input;
}
