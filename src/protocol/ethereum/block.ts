import type { CommittedBlock } from "../../contracts/load/commits.ts";
import { at } from "../rpc/reply.ts";

/**
 * What eth_getBlockByNumber gave. A block's time is in whole seconds: its age is up to a second too long.
 *
 * @param options.headBytes so many first bytes of each transaction's calldata are wanted
 * @returns undefined where it is no block
 */
export function readBlockOf(
  value: unknown,
  { headBytes, messageBytes }: { readonly headBytes: number; readonly messageBytes: number },
): CommittedBlock | undefined {
  const [height, timeSecs] = [Number(at(value, "number")), Number(at(value, "timestamp"))];
  const fingerprint = at(value, "hash");
  const transactions = at(value, "transactions");
  if (!Number.isSafeInteger(height) || typeof fingerprint !== "string" || !Array.isArray(transactions)) {
    return undefined;
  }
  return {
    height,
    fingerprint,
    transactions: transactions.length,
    heads: packHeads(transactions, headBytes),
    messageBytes,
    timeMs: Number.isSafeInteger(timeSecs) ? timeSecs * 1000 : undefined,
  };
}

/** Those of calldata that is so long, one after another. */
function packHeads(transactions: readonly unknown[], headBytes: number): Uint8Array {
  const letters = 2 * headBytes;
  if (headBytes === 0) return new Uint8Array();
  const heads = Buffer.alloc(headBytes * transactions.length);
  let length = 0;
  for (const transaction of transactions) {
    const input = at(transaction, "input");
    if (typeof input !== "string" || input.length < 2 + letters) continue;
    const written = heads.write(input.slice(2, 2 + letters), length, "hex");
    if (written === headBytes) length += headBytes;
  }
  return heads.subarray(0, length);
}
