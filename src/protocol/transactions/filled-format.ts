import type { TransactionFormat, TransactionIdentity } from "../../contracts/load/submission.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { seededRandom } from "../../core/random.ts";

/** Fillers that are kept; a sweep has one or two sizes at a time. */
const keptFillers = 8;

/** What transactions of one kind have in common. */
interface FilledFormat extends Pick<TransactionFormat, "smallestBytes" | "largestBytes" | "headBytes"> {
  /** What all of one size and seed have in common. */
  readonly makeFiller: (sizeBytes: number, seed: number) => Buffer;
  /** Lays an identity over it. Throws where it does not fit. */
  readonly write: (transaction: Buffer, identity: TransactionIdentity) => void;
  readonly read: TransactionFormat["identifyHead"];
}

/** Transactions known by their beginning; the rest is seeded filler, the same for all of one size and seed. */
export function buildFilledFormat({
  smallestBytes,
  largestBytes,
  headBytes,
  makeFiller,
  write,
  read,
}: FilledFormat): TransactionFormat {
  const kept = new Map<string, Buffer>();
  const fillerOf = (sizeBytes: number, seed: number): Buffer => {
    const key = `${sizeBytes} ${seed}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (!(sizeBytes >= smallestBytes && sizeBytes <= largestBytes && Number.isInteger(sizeBytes))) {
      throw new InvalidArgumentError(
        `Cannot create a transaction of ${sizeBytes} bytes; choose a size from ${smallestBytes} to ${largestBytes} bytes.`,
      );
    }
    const made = makeFiller(sizeBytes, seed);
    if (kept.size >= keptFillers) kept.clear();
    kept.set(key, made);
    return made;
  };
  return {
    smallestBytes,
    largestBytes,
    encode: (identity, sizeBytes, seed) => {
      const transaction = Buffer.from(fillerOf(sizeBytes, seed));
      write(transaction, identity);
      return transaction;
    },
    identify: (transaction) => {
      const identity = { run: 0, client: 0, sequence: 0 };
      return transaction.length >= smallestBytes && read(transaction, 0, identity) ? identity : undefined;
    },
    headBytes,
    identifyHead: read,
  };
}

export function randomBytesOf(sizeBytes: number, seed: string): Buffer {
  const random = seededRandom(seed);
  const words = Uint32Array.from({ length: Math.ceil(sizeBytes / 4) }, random.nextUint32);
  const bytes = Buffer.alloc(sizeBytes);
  for (let i = 0; i < sizeBytes; i++) bytes[i] = (words[i >> 2] ?? 0) >>> (8 * (i & 3));
  return bytes;
}
