/** A block's transactions taken out of its message's bytes: as JSON, a string for each would cost most of the reading. */
import { randomUUID } from "node:crypto";

/** Stands where the list stood; nobody else can know it, so that no message has it by itself. */
export const cutMark = `cut ${randomUUID()}`;

export interface CutTransactions {
  readonly count: number;
  /** First bytes of each transaction that has so many, one after another. */
  readonly heads: Uint8Array;
  /** The message with `cutMark` instead of the list. */
  readonly rest: string;
}

const key = Buffer.from('"txs":[');
const [quote, comma, backslash, listEnd] = [0x22, 0x2c, 0x5c, 0x5d] as const;

/** By character: its six bits; above 63, it is none of the alphabet. */
const sixBits = new Uint8Array(256).fill(255);
for (const [bits, character] of Buffer.from(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
).entries()) {
  sixBits[character] = bits;
}

/**
 * Cuts out the first list of strings that is called "txs", as Go writes it: without spaces and escapes. What is in its
 * strings is looked at no further than their first bytes.
 *
 * @returns undefined where there is none, or it is written otherwise; then JSON.parse has the word
 */
export function cutTransactions(message: Buffer, headBytes: number): CutTransactions | undefined {
  const start = message.indexOf(key);
  // After a backslash the quote would belong to a longer name.
  if (start < 1 || message[start - 1] === backslash) return undefined;
  const found = readList(message, start + key.length, new HeadPacker(headBytes));
  if (found === undefined) return undefined;
  const { end, count, heads } = found;
  const rest = `${message.toString("utf8", 0, start)}"txs":"${cutMark}"${message.toString("utf8", end)}`;
  return { count, heads, rest };
}

/** @returns what it holds, and the place after it */
function readList(message: Buffer, start: number, packer: HeadPacker) {
  if (message[start] === listEnd) return { end: start + 1, count: 0, heads: packer.packed() };
  let count = 0;
  for (let place = start; ; count++) {
    const first = place + 1;
    const end = message[place] === quote ? message.indexOf(quote, first) : -1;
    if (end < 0) return undefined;
    packer.add(message, first, end);
    const next = message[end + 1];
    if (next === listEnd) {
      const isPlain = !message.subarray(start, end).includes(backslash);
      return isPlain ? { end: end + 2, count: count + 1, heads: packer.packed() } : undefined;
    }
    if (next !== comma) return undefined;
    place = end + 2;
  }
}

/** Packs the heads of transactions in base64. */
export class HeadPacker {
  readonly #headBytes: number;
  /** Characters that hold a head, to whole groups of four. */
  readonly #headCharacters: number;
  #heads: Uint8Array;
  #used = 0;

  constructor(headBytes: number) {
    this.#headBytes = headBytes;
    this.#headCharacters = 4 * Math.ceil(headBytes / 3);
    this.#heads = new Uint8Array(64 * headBytes);
  }

  /** Adds the head of the transaction whose text is these bytes of the message, if it is long enough. */
  add(message: Buffer, start: number, end: number): void {
    this.#makeRoom();
    const isUsual = end - start >= this.#headCharacters && this.#decode(message, start);
    if (!isUsual) this.addText(message.toString("utf8", start, end));
  }

  /** Likewise, for any text: padding, other alphabets and foreign characters are taken as Node.js takes them. */
  addText(text: string): void {
    this.#makeRoom();
    const transaction = Buffer.from(text, "base64");
    if (transaction.length < this.#headBytes) return;
    this.#heads.set(transaction.subarray(0, this.#headBytes), this.#used);
    this.#used += this.#headBytes;
  }

  /** Takes no more memory than the heads that it holds. */
  packed(): Uint8Array {
    return this.#heads.slice(0, this.#used);
  }

  /** @returns false where a character is none of base64; nothing is added then */
  #decode(message: Buffer, start: number): boolean {
    const heads = this.#heads;
    let to = this.#used;
    let seen = 0;
    for (let from = start; from < start + this.#headCharacters; from += 4) {
      const first = sixBits[message[from] ?? 0] ?? 0;
      const second = sixBits[message[from + 1] ?? 0] ?? 0;
      const third = sixBits[message[from + 2] ?? 0] ?? 0;
      const fourth = sixBits[message[from + 3] ?? 0] ?? 0;
      seen |= first | second | third | fourth;
      heads[to] = (first << 2) | (second >> 4);
      heads[to + 1] = (second << 4) | (third >> 2);
      heads[to + 2] = (third << 6) | fourth;
      to += 3;
    }
    if (seen > 63) return false;
    this.#used += this.#headBytes;
    return true;
  }

  /** For one more head, in whole groups of three bytes. */
  #makeRoom(): void {
    if (this.#used + this.#headBytes + 2 <= this.#heads.length) return;
    const larger = new Uint8Array(2 * this.#heads.length + this.#headBytes + 2);
    larger.set(this.#heads);
    this.#heads = larger;
  }
}
