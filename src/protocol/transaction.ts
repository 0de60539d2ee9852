import type { IdentitySlot, TransactionFormat } from "../contracts/protocol.ts";
import { InvalidArgumentError } from "../core/errors.ts";
import { seededRandom } from "../core/random.ts";

/**
 * Header: magic 6 bytes, run u32, client u16, sequence u48, big-endian. All parts begin at multiples of three
 * bytes (magic · run and client · sequence), so that each stands in whole groups of the transaction's base64.
 */
const magic = Buffer.from("baleen", "ascii");
const runOffset = 6;
const clientOffset = 10;
/** Where the sequence number stands in a transaction: its place and length, both multiples of three bytes. */
export const sequencePlace = { offset: 12, bytes: 6 } as const;
const headerBytes = 18;

/** Fillers that are kept; a sweep has one or two sizes at a time. */
const cachedTemplates = 8;

/** Transactions known by their header; the rest is seeded filler, the same for all of one size and seed. */
export function buildTransactionFormat(largestBytes: number): TransactionFormat {
  const templates = new Map<string, Buffer>();

  const template = (sizeBytes: number, seed: number) => {
    const key = `${sizeBytes} ${seed}`;
    const known = templates.get(key);
    if (known !== undefined) return known;
    if (!(sizeBytes >= headerBytes && sizeBytes <= largestBytes && Number.isInteger(sizeBytes))) {
      throw new InvalidArgumentError(
        `A transaction of ${sizeBytes} bytes cannot be made; choose a size from ${headerBytes} to ${largestBytes} bytes.`,
      );
    }
    const made = buildTemplate(sizeBytes, seed);
    if (templates.size >= cachedTemplates) templates.clear();
    templates.set(key, made);
    return made;
  };

  return {
    smallestBytes: headerBytes,
    largestBytes,
    encode: ({ run, client, sequence }, sizeBytes, seed) => {
      const transaction = Buffer.from(template(sizeBytes, seed));
      // Out of range throws here (ERR_OUT_OF_RANGE), so that no two identities share their bytes.
      transaction.writeUInt32BE(run, runOffset);
      transaction.writeUInt16BE(client, clientOffset);
      transaction.writeUIntBE(sequence, sequencePlace.offset, sequencePlace.bytes);
      return transaction;
    },
    identify: (transaction) => {
      const identity = { run: 0, client: 0, sequence: 0 };
      const isOurs = transaction.length >= headerBytes && identifyHead(transaction, 0, identity);
      return isOurs ? identity : undefined;
    },
    headBytes: headerBytes,
    identifyHead,
  };
}

function buildTemplate(sizeBytes: number, seed: number): Buffer {
  const random = seededRandom(`transaction filler ${seed}`);
  const words = Uint32Array.from({ length: Math.ceil(sizeBytes / 4) }, random.nextUint32);
  const bytes = Buffer.alloc(sizeBytes);
  for (let i = headerBytes; i < sizeBytes; i++) bytes[i] = (words[i >> 2] ?? 0) >>> (8 * (i & 3));
  magic.copy(bytes);
  return bytes;
}

function identifyHead(heads: Uint8Array, offset: number, into: IdentitySlot): boolean {
  for (let i = 0; i < runOffset; i++) if (heads[offset + i] !== magic[i]) return false;
  into.run = readUint(heads, offset + runOffset, 4);
  into.client = readUint(heads, offset + clientOffset, 2);
  into.sequence = readUint(heads, offset + sequencePlace.offset, sequencePlace.bytes);
  return true;
}

/** Big-endian, of at most six bytes: shifts would end at 32 bits. */
function readUint(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + (bytes[offset + i] ?? 0);
  return value;
}
