import type { IdentitySlot, TransactionFormat } from "../../contracts/load/submission.ts";
import { buildFilledFormat, randomBytesOf } from "./filled-format.ts";
import { base64Letters, type SequenceForm } from "./sequence-letters.ts";

/**
 * Header: magic 6 bytes, run u32, client u16, sequence u48, big-endian. All parts begin at multiples of three
 * bytes (magic · run and client · sequence), so that each stands in whole groups of the transaction's base64.
 */
const magic = Buffer.from("baleen", "ascii");
const runOffset = 6;
const clientOffset = 10;
const sequenceOffset = 12;
const sequenceBytes = 6;
const headerBytes = 18;

/** Where the sequence number stands in a transaction, big-endian. */
export const binarySequence: SequenceForm = {
  offset: sequenceOffset,
  lettersOf: (sequence) => {
    const bytes = Buffer.alloc(sequenceBytes);
    bytes.writeUIntBE(sequence, 0, sequenceBytes);
    return base64Letters(bytes);
  },
  lastLetters: 2,
  square: 4096,
};

/** Transactions known by their header. */
export function buildTransactionFormat(largestBytes: number): TransactionFormat {
  return buildFilledFormat({
    smallestBytes: headerBytes,
    largestBytes,
    headBytes: headerBytes,
    makeFiller: (sizeBytes, seed) => {
      const bytes = randomBytesOf(sizeBytes, `transaction filler ${seed}`);
      magic.copy(bytes);
      return bytes;
    },
    write: (transaction, { run, client, sequence }) => {
      // Out of range throws here (ERR_OUT_OF_RANGE), so that no two identities share their bytes.
      transaction.writeUInt32BE(run, runOffset);
      transaction.writeUInt16BE(client, clientOffset);
      transaction.writeUIntBE(sequence, sequenceOffset, sequenceBytes);
    },
    read: identifyHead,
  });
}

function identifyHead(heads: Uint8Array, offset: number, into: IdentitySlot): boolean {
  for (let i = 0; i < runOffset; i++) if (heads[offset + i] !== magic[i]) return false;
  into.run = readUint(heads, offset + runOffset, 4);
  into.client = readUint(heads, offset + clientOffset, 2);
  into.sequence = readUint(heads, offset + sequenceOffset, sequenceBytes);
  return true;
}

/** Big-endian, of at most six bytes: shifts would end at 32 bits. */
function readUint(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + (bytes[offset + i] ?? 0);
  return value;
}
