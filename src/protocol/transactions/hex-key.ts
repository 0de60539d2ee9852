/**
 * A transaction's identity as text: the mark, then run, client and sequence number as hexadecimal digits. All parts begin
 * and end at multiples of three bytes, so that each stands in whole groups of the transaction's base64.
 */
import type { IdentitySlot, TransactionIdentity } from "../../contracts/load/submission.ts";

export const keyMark = "baleen";
const run = { offset: keyMark.length, digits: 8 } as const;
const client = { offset: 14, digits: 4 } as const;
/** Where the sequence number stands. */
export const sequence = { offset: 18, digits: 12 } as const;
/** Length of it all. */
export const keyBytes = sequence.offset + sequence.digits;

const mark = Buffer.from(keyMark, "latin1");
/** By character: the digit that it is; above 15, it is none that we write. */
const digitValues = new Uint8Array(256).fill(255);
for (const [digit, character] of Buffer.from("0123456789abcdef").entries()) digitValues[character] = digit;

/** @throws RangeError for an identity that does not fit: no two may share their bytes */
export function writeKey(transaction: Buffer, identity: TransactionIdentity): void {
  const digits =
    hexDigits(identity.run, run.digits) +
    hexDigits(identity.client, client.digits) +
    hexDigits(identity.sequence, sequence.digits);
  transaction.write(keyMark + digits, "latin1");
}

/** @returns false where there is none; what `into` holds means nothing then */
export function readKey(bytes: Uint8Array, offset: number, into: IdentitySlot): boolean {
  for (let i = 0; i < mark.length; i++) if (bytes[offset + i] !== mark[i]) return false;
  into.run = readHex(bytes, offset + run.offset, run.digits);
  into.client = readHex(bytes, offset + client.offset, client.digits);
  into.sequence = readHex(bytes, offset + sequence.offset, sequence.digits);
  return into.run >= 0 && into.client >= 0 && into.sequence >= 0;
}

/** Below zero where a character is no digit. Up to 48 bits: shifts would end at 32. */
function readHex(bytes: Uint8Array, offset: number, digits: number): number {
  let value = 0;
  let seen = 0;
  for (let i = 0; i < digits; i++) {
    const digit = digitValues[bytes[offset + i] ?? 0] ?? 255;
    seen |= digit;
    value = value * 16 + digit;
  }
  return seen > 15 ? -1 : value;
}

/** With zeros before it. @throws RangeError where so many digits do not hold it */
export function hexDigits(value: number, digits: number): string {
  if (!(Number.isInteger(value) && value >= 0 && value < 16 ** digits)) {
    throw new RangeError(`${value} is not a whole number of at most ${digits} hexadecimal digits.`);
  }
  return value.toString(16).padStart(digits, "0");
}
