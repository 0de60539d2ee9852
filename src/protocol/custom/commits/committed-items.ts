import { hash } from "node:crypto";
import type { CommittedBlock } from "../../../contracts/load/commits.ts";
import { compilePointer } from "../../../core/documents/json-pointer.ts";
import { showJson } from "../../../core/documents/show-json.ts";
import { BaleenError } from "../../../core/errors.ts";
import { wholeNumber } from "../../rpc/reply.ts";
import { keyMark } from "../../transactions/hex-key.ts";
import type { CommitsEntry } from "../schema/schema.ts";

/** Of a value that is wrong, characters. */
const longestShown = 80;

/** What a node told is not of the described form. */
export class UnfitReplyError extends BaleenError {
  constructor(reason: string, options?: { cause: unknown }) {
    super("unfit-reply", `It did not reply as described: ${reason}.`, options);
  }
}

export interface ItemsOptions {
  /** So many first bytes of each transaction are wanted. */
  readonly headBytes: number;
  /** Length of what they came in. */
  readonly messageBytes: number;
}

/**
 * Reads what was committed out of a reply or a message: one block for each position, rising.
 *
 * A block's fingerprint is that of its transactions' texts in their order, so that nodes which show different ones at
 * a position show different blocks.
 *
 * @throws UnfitReplyError
 */
export type ReadCommitted = (reply: unknown, options: ItemsOptions) => CommittedBlock[];

/** Whether each item has a position of its own; else the whole reply is of one. */
export const hasOwnPositions = ({ position }: CommitsEntry) => "item" in position;

export function compileCommitted(commits: CommitsEntry): ReadCommitted {
  const itemsIn = compilePointer(commits.items);
  const textIn = compilePointer(commits.transaction);
  const perItem = hasOwnPositions(commits);
  const position = "item" in commits.position ? commits.position.item : commits.position.reply;
  const positionIn = compilePointer(position);
  const { encoding = "text" } = commits;
  return (reply, options) => {
    const items = itemsIn(reply) ?? [];
    if (!Array.isArray(items)) throw new UnfitReplyError(`${commits.items} is not a list`);
    const places = new Map<number, unknown[]>();
    // A block without transactions is one all the same.
    if (!perItem && positionIn(reply) !== undefined) {
      places.set(readPosition(positionIn(reply), position), []);
    }
    for (const item of items as readonly unknown[]) {
      const height = readPosition(positionIn(perItem ? item : reply), position);
      const texts = places.get(height);
      if (texts === undefined) places.set(height, [textIn(item)]);
      else texts.push(textIn(item));
    }
    const positions = [...places].sort(([a], [b]) => a - b);
    return positions.map(([height, texts], index) => ({
      height,
      fingerprint: fingerprintOf(texts, commits.transaction),
      transactions: texts.length,
      heads: headsOf(texts, encoding === "text" ? "utf8" : encoding, options.headBytes),
      // Counted once, however many positions it tells of.
      messageBytes: index === 0 ? options.messageBytes : 0,
    }));
  };
}

/** @throws UnfitReplyError where what stands in place of a text cannot be written down: it is nested too deep */
function fingerprintOf(texts: readonly unknown[], pointer: string): string {
  try {
    return hash("sha256", JSON.stringify(texts));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnfitReplyError(`${pointer} is nested too deep`, { cause: error });
  }
}

/**
 * @param value as it came: a number, or a text of digits
 * @throws UnfitReplyError for anything else
 */
export function readPosition(value: unknown, pointer: string): number {
  const position = wholeNumber(value);
  if (position !== undefined) return position;
  const shown = value === undefined ? "missing" : showJson(value).slice(0, longestShown);
  throw new UnfitReplyError(`${pointer} is ${shown}, not a whole number`);
}

const mark = Buffer.from(keyMark);

/** From each text that holds a transaction's mark, the bytes from there on; other transactions have no head. */
function headsOf(texts: readonly unknown[], encoding: BufferEncoding, headBytes: number): Uint8Array {
  const heads = new Uint8Array(texts.length * headBytes);
  let used = 0;
  for (const text of texts) {
    if (typeof text !== "string") continue;
    const bytes = Buffer.from(text, encoding);
    const start = bytes.indexOf(mark);
    if (start < 0 || bytes.length - start < headBytes) continue;
    heads.set(bytes.subarray(start, start + headBytes), used);
    used += headBytes;
  }
  return used === heads.length ? heads : heads.slice(0, used);
}
