/**
 * Transactions for CometBFT's kvstore, which wants a pair: exactly one "=", at neither end, and no ":". The key names
 * the transaction in hexadecimal: the number's own bytes could be either sign.
 */
import type { IdentitySlot, TransactionFormat } from "../../contracts/load/submission.ts";
import type { SequenceForm } from "./sequence-letters.ts";
import { openTemplates } from "./templates.ts";

/** "baleen", run, client and sequence, "="; all parts of the key begin at multiples of three. */
const magic = Buffer.from("baleen", "ascii");
const run = { offset: 6, digits: 8 } as const;
const client = { offset: 14, digits: 4 } as const;
const sequence = { offset: 18, digits: 12 } as const;
const equalsAt = 30;
const headBytes = 31;

const equals = 0x3d;
const fillerLetters = Buffer.from("abcdefghijklmnopqrstuvwxyz012345");

/** By character: the digit that it is; above 15, it is none. */
const hexDigits = new Uint8Array(256).fill(255);
for (const [digit, character] of Buffer.from("0123456789abcdef").entries()) hexDigits[character] = digit;

/** Where the sequence number stands in a transaction. */
export const hexSequence: SequenceForm = {
  offset: sequence.offset,
  bytesOf: (number) => Buffer.from(hex(number, sequence.digits), "latin1"),
  lastLetters: 4,
};

/** Transactions known by their key; the value is seeded filler, the same for all of one size and seed. */
export function buildKvstoreFormat(largestBytes: number): TransactionFormat {
  const smallestBytes = headBytes + 1;
  const template = openTemplates({ smallestBytes, largestBytes, name: "kvstore filler", finish });
  return {
    smallestBytes,
    largestBytes,
    encode: (identity, sizeBytes, seed) => {
      const transaction = Buffer.from(template(sizeBytes, seed));
      const key =
        hex(identity.run, run.digits) +
        hex(identity.client, client.digits) +
        hex(identity.sequence, sequence.digits);
      transaction.write(key, run.offset, "latin1");
      return transaction;
    },
    identify: (transaction) => {
      const identity = { run: 0, client: 0, sequence: 0 };
      // The value has at least one byte.
      const isOurs = transaction.length >= smallestBytes && identifyHead(transaction, 0, identity);
      return isOurs ? identity : undefined;
    },
    headBytes,
    identifyHead,
  };
}

function finish(bytes: Buffer): void {
  for (let i = headBytes; i < bytes.length; i++) bytes[i] = fillerLetters[(bytes[i] ?? 0) & 31] ?? 0;
  magic.copy(bytes);
  bytes[equalsAt] = equals;
}

function identifyHead(heads: Uint8Array, offset: number, into: IdentitySlot): boolean {
  for (let i = 0; i < magic.length; i++) if (heads[offset + i] !== magic[i]) return false;
  if (heads[offset + equalsAt] !== equals) return false;
  into.run = readHex(heads, offset + run.offset, run.digits);
  into.client = readHex(heads, offset + client.offset, client.digits);
  into.sequence = readHex(heads, offset + sequence.offset, sequence.digits);
  return into.run >= 0 && into.client >= 0 && into.sequence >= 0;
}

/** Below zero where a character is no digit. */
function readHex(bytes: Uint8Array, offset: number, digits: number): number {
  let value = 0;
  let seen = 0;
  for (let i = 0; i < digits; i++) {
    const digit = hexDigits[bytes[offset + i] ?? 0] ?? 255;
    seen |= digit;
    value = value * 16 + digit;
  }
  return seen > 15 ? -1 : value;
}

/** @throws RangeError where it has not the room: no two identities may share their bytes */
function hex(value: number, digits: number): string {
  if (!(Number.isInteger(value) && value >= 0 && value < 16 ** digits)) {
    throw new RangeError(`${value} is no whole number of at most ${digits} hexadecimal digits.`);
  }
  return value.toString(16).padStart(digits, "0");
}
