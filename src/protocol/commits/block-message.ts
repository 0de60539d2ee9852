import type { CommittedBlock } from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { at, integer, parseReply, RpcReplyError } from "../rpc/reply.ts";
import { type CutTransactions, cutMark, cutTransactions, HeadPacker } from "./cut-transactions.ts";

/** Where a message has `{block, block_id}`. */
export const blockPlaces = {
  /** In the reply to /block. */
  reply: ["result"],
  /** In an event of a subscription. */
  event: ["result", "data", "value"],
} as const;

interface BlockMessageOptions {
  readonly place: readonly string[];
  /** So many first bytes of each transaction are wanted. */
  readonly headBytes: number;
}

/** Opens a message that may hold a block. @throws RpcReplyError where it is no JSON */
export function openBlockMessage(rpc: Endpoint, bytes: Buffer, options: BlockMessageOptions) {
  const { place, headBytes } = options;
  const opened = openCut(bytes, options) ?? { reply: parseReply(rpc, bytes.toString()), cut: undefined };
  const { reply, cut } = opened;
  return {
    /** As parsed; the block's transactions may be missing in it. */
    reply,
    /** undefined where there is nothing at its place. @throws RpcReplyError where there is something else */
    block: (): CommittedBlock | undefined => {
      const value = at(reply, ...place);
      if (value === undefined) return undefined;
      const { count, heads } = cut ?? readTransactions(rpc, value, headBytes);
      return decodeBlock(rpc, value, { transactions: count, heads, messageBytes: bytes.length });
    },
  };
}

/** undefined unless the transactions could be cut out, and were the block's. */
function openCut(bytes: Buffer, { place, headBytes }: BlockMessageOptions) {
  const cut = cutTransactions(bytes, headBytes);
  if (cut === undefined) return undefined;
  try {
    const reply: unknown = JSON.parse(cut.rest);
    return at(reply, ...place, "block", "data", "txs") === cutMark ? { reply, cut } : undefined;
  } catch {
    // It is said of the whole message what is wrong with it.
    return undefined;
  }
}

/** The way for any form of JSON. */
function readTransactions(
  rpc: Endpoint,
  value: unknown,
  headBytes: number,
): Pick<CutTransactions, "count" | "heads"> {
  // Go writes an empty list as null.
  const encoded = at(value, "block", "data", "txs") ?? [];
  if (!Array.isArray(encoded)) throw new RpcReplyError(rpc, "a block whose txs are not a list");
  const packer = new HeadPacker(headBytes);
  for (const text of encoded as readonly unknown[]) {
    if (typeof text !== "string") throw new RpcReplyError(rpc, "a transaction that is not a string");
    packer.addText(text);
  }
  return { count: encoded.length, heads: packer.packed() };
}

function decodeBlock(
  rpc: Endpoint,
  value: unknown,
  known: Pick<CommittedBlock, "transactions" | "heads" | "messageBytes">,
): CommittedBlock {
  const fingerprint = at(value, "block_id", "hash");
  if (typeof fingerprint !== "string" || fingerprint === "") {
    throw new RpcReplyError(rpc, "a block without block_id.hash");
  }
  const header = at(value, "block", "header");
  return {
    height: integer(rpc, at(header, "height")),
    fingerprint,
    ...known,
    timeMs: wallTime(at(header, "time")),
  };
}

/** RFC 3339; undefined where there is none. What is below a millisecond is cut off. */
function wallTime(value: unknown): number | undefined {
  const timeMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
