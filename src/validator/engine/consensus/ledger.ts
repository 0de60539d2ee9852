import { hash } from "node:crypto";
import { type Block, encodeRefs, transactionsOf } from "./block.ts";
import { sha256 } from "./bytes.ts";
import type { BlockRules } from "./validity.ts";

/** How many heights back a repeated transaction is recognised. The same on all validators: it is part of the rule. */
export const dedupWindowHeights = 1000;

/** One committed leader and the transactions that its commit ordered: what the RPC tells of. */
export interface ChainBlock {
  /** Commit index, from 1. */
  readonly height: number;
  /** Digest of the committed leader block, 32 bytes. */
  readonly hash: Uint8Array;
  readonly previousHash: Uint8Array;
  /** Author of the leader block. */
  readonly proposer: number;
  readonly round: number;
  /** max(previous + 1, what the leader's parents agree on), ms since 1970. */
  readonly timeMs: number;
  /** After this block. */
  readonly appHash: Uint8Array;
  readonly previousAppHash: Uint8Array;
  /** Repeated ones left out. */
  readonly transactions: readonly Uint8Array[];
  /** `transactionKey` of each. */
  readonly transactionKeys: readonly string[];
}

/** A committed leader with the blocks that it ordered; the transactions are views into them. */
export interface Commit extends ChainBlock {
  readonly leader: Block;
  /** In their order, the leader included. */
  readonly blocks: readonly Block[];
  readonly appHash: Buffer;
  readonly transactions: readonly Buffer[];
}

/** What the commits so far come to. */
export interface LedgerState {
  readonly height: number;
  /** Digest of the last committed leader, 32 bytes; zeros before the first. */
  readonly hash: Buffer;
  readonly appHash: Buffer;
  readonly timeMs: number;
  /** Keys of the transactions of each of the last heights, 32 bytes each, side by side; the oldest height first. */
  readonly window: readonly Buffer[];
}

export const keyBytes = 32;

/**
 * Gives each committed leader its height, time and hash, and drops transactions seen in the last heights. The hash is
 * SHA-256(hash before ‖ leader digest ‖ refs of the ordered blocks).
 */
export class Ledger {
  readonly #seen = new Set<string>();
  /** The keys of the heights in the window, oldest first: as they are looked up, and as a checkpoint holds them. */
  readonly #keysByHeight: (readonly string[])[];
  readonly #window: Buffer[];
  #height: number;
  #timeMs: number;
  #hash: Buffer;
  #appHash: Buffer;

  constructor({ domain, genesisTimeMs }: BlockRules, start?: LedgerState) {
    this.#height = start?.height ?? 0;
    this.#timeMs = start?.timeMs ?? genesisTimeMs;
    this.#hash = start?.hash ?? Buffer.alloc(32);
    this.#appHash = start?.appHash ?? sha256(Buffer.concat([domain, Buffer.from("state")]));
    this.#window = [...(start?.window ?? [])];
    this.#keysByHeight = this.#window.map(splitKeys);
    for (const keys of this.#keysByHeight) for (const key of keys) this.#seen.add(key);
  }

  get state(): LedgerState {
    return {
      height: this.#height,
      hash: this.#hash,
      appHash: this.#appHash,
      timeMs: this.#timeMs,
      window: this.#window,
    };
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
    const refs = encodeRefs(blocks.map(({ ref }) => ref));
    this.#appHash = sha256(Buffer.concat([previousAppHash, leader.ref.digest, refs]));
    return {
      leader,
      blocks,
      height: this.#height,
      hash: this.#hash,
      previousHash,
      proposer: leader.ref.author,
      round: leader.ref.round,
      timeMs: this.#timeMs,
      appHash: this.#appHash,
      previousAppHash,
      ...this.#withoutRepeated(blocks),
    };
  }

  #withoutRepeated(blocks: readonly Block[]): { transactions: Buffer[]; transactionKeys: string[] } {
    if (this.#window.length === dedupWindowHeights) {
      for (const key of this.#keysByHeight.shift() ?? []) this.#seen.delete(key);
      this.#window.shift();
    }
    const transactions: Buffer[] = [];
    const transactionKeys: string[] = [];
    for (const block of blocks) {
      for (const transaction of transactionsOf(block)) {
        const key = transactionKey(transaction);
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
        transactions.push(transaction);
        transactionKeys.push(key);
      }
    }
    this.#keysByHeight.push(transactionKeys);
    this.#window.push(Buffer.from(transactionKeys.join(""), "latin1"));
    return { transactions, transactionKeys };
  }
}

/** SHA-256 of a transaction as a latin-1 string of 32 characters: a compact key for maps. */
export function transactionKey(transaction: Uint8Array): string {
  return hash("sha256", transaction, "binary");
}

function splitKeys(keys: Buffer): string[] {
  return Array.from({ length: keys.length / keyBytes }, (_, i) =>
    keys.toString("latin1", i * keyBytes, (i + 1) * keyBytes),
  );
}
