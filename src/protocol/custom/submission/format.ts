import type { TransactionFormat } from "../../../contracts/load/submission.ts";
import { seededRandom } from "../../../core/random.ts";
import { buildFilledFormat } from "../../transactions/filled-format.ts";
import { keyBytes, readKey, writeKey } from "../../transactions/hex-key.ts";
import type { TransactionEntry } from "../schema/schema.ts";

const fillers = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "latin1");

/**
 * A transaction is text of letters and digits alone, so that it may stand in JSON, in a URL and as a key. It is known by
 * its beginning, `${transaction.key}`.
 */
export function buildFormat({
  "largest-bytes": largestBytes = 1_048_576,
}: Pick<TransactionEntry, "largest-bytes">): TransactionFormat {
  return buildFilledFormat({
    smallestBytes: keyBytes,
    largestBytes,
    headBytes: keyBytes,
    makeFiller,
    write: writeKey,
    read: readKey,
  });
}

function makeFiller(sizeBytes: number, seed: number): Buffer {
  const random = seededRandom(`transaction filler ${seed}`);
  const bytes = Buffer.alloc(sizeBytes);
  for (let i = keyBytes; i < sizeBytes; i++) {
    bytes[i] = fillers[Math.floor(random.nextRatio() * fillers.length)] as number;
  }
  return bytes;
}
