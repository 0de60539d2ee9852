/**
 * Transactions for CometBFT's kvstore, which wants a pair: exactly one "=", at neither end, and no ":". The key names
 * the transaction in hexadecimal: the number's own bytes could be either sign.
 */
import type { TransactionFormat } from "../../contracts/load/submission.ts";
import { buildFilledFormat, randomBytesOf } from "./filled-format.ts";
import { keyBytes, readKey, writeKey } from "./hex-key.ts";

const equalsAt = keyBytes;
const equals = 0x3d;
const headBytes = equalsAt + 1;
const fillerLetters = Buffer.from("abcdefghijklmnopqrstuvwxyz012345");

export function buildKvstoreFormat(largestBytes: number): TransactionFormat {
  return buildFilledFormat({
    // The value has at least one byte.
    smallestBytes: headBytes + 1,
    largestBytes,
    headBytes,
    makeFiller: (sizeBytes, seed) => {
      const bytes = randomBytesOf(sizeBytes, `kvstore filler ${seed}`);
      for (let i = headBytes; i < bytes.length; i++) bytes[i] = fillerLetters[(bytes[i] ?? 0) & 31] ?? 0;
      bytes[equalsAt] = equals;
      return bytes;
    },
    write: writeKey,
    read: (heads, offset, into) => heads[offset + equalsAt] === equals && readKey(heads, offset, into),
  });
}
