import type { Endpoint } from "../contracts/deployment.ts";
import type { CommittedBlock } from "../contracts/protocol.ts";
import { at, integer, RpcReplyError } from "./rpc-reply.ts";

/** What of a block is wanted. */
export interface BlockWish {
  readonly headBytes: number;
  readonly messageBytes: number;
}

/** Reads `{block, block_id}`, as in replies and in events. */
export function decodeBlock(rpc: Endpoint, value: unknown, wish: BlockWish): CommittedBlock {
  const fingerprint = at(value, "block_id", "hash");
  // Go writes an empty list as null.
  const encoded = at(value, "block", "data", "txs") ?? [];
  if (typeof fingerprint !== "string" || fingerprint === "") {
    throw new RpcReplyError(rpc, "a block without block_id.hash");
  }
  if (!Array.isArray(encoded)) throw new RpcReplyError(rpc, "a block whose txs are no list");
  const header = at(value, "block", "header");
  return {
    height: integer(rpc, at(header, "height")),
    fingerprint,
    transactions: encoded.length,
    heads: packHeads(rpc, encoded, wish.headBytes),
    messageBytes: wish.messageBytes,
    timeMs: wallTime(at(header, "time")),
  };
}

/** The heads of transactions in base64. */
function packHeads(rpc: Endpoint, encoded: readonly unknown[], headBytes: number): Uint8Array {
  const heads = Buffer.alloc(encoded.length * headBytes);
  let used = 0;
  for (const text of encoded) {
    if (typeof text !== "string") throw new RpcReplyError(rpc, "a transaction that is no string");
    const transaction = Buffer.from(text, "base64");
    if (transaction.length < headBytes) continue;
    transaction.copy(heads, used, 0, headBytes);
    used += headBytes;
  }
  return heads.subarray(0, used);
}

/** RFC 3339; undefined where there is none. What is below a millisecond is cut off. */
function wallTime(value: unknown): number | undefined {
  const timeMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
