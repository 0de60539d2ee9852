import type { IdentitySlot, TransactionFormat } from "../../../contracts/load/submission.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { seededRandom } from "../../../core/random.ts";
import type { LoadDescription } from "../description/description.ts";

/**
 * A transaction is text of letters and digits alone, so that it may stand in JSON, in a URL and as a key: the mark, then
 * run, client and sequence number as hexadecimal digits, then filler. All parts begin and end at multiples of three
 * bytes, so that each stands in whole groups of the transaction's base64.
 */
export const keyMark = "baleen";
const runPlace = { offset: keyMark.length, digits: 8 } as const;
const clientPlace = { offset: 14, digits: 4 } as const;
/** Where the sequence number stands. */
export const sequenceDigits = { offset: 18, digits: 12 } as const;
/** Length of a transaction's beginning that names it, `${transaction.key}`. */
export const keyBytes = sequenceDigits.offset + sequenceDigits.digits;

const mark = Buffer.from(keyMark, "latin1");
const fillers = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "latin1");
/** By character: the value of a digit; 255, where it is none that we write. */
const digitValues = new Uint8Array(256).fill(255);
for (const [value, digit] of Buffer.from("0123456789abcdef", "latin1").entries()) digitValues[digit] = value;

/** Fillers that are kept; a sweep has one or two sizes at a time. */
const keptFillers = 8;

/** Transactions that are known by their key; the rest is seeded filler, the same for all of one size and seed. */
export function buildFormat({ transaction }: Pick<LoadDescription, "transaction">): TransactionFormat {
  const { largestBytes } = transaction;
  const kept = new Map<string, Buffer>();
  const fillerOf = (sizeBytes: number, seed: number) => {
    const name = `${sizeBytes} ${seed}`;
    const known = kept.get(name);
    if (known !== undefined) return known;
    if (!(sizeBytes >= keyBytes && sizeBytes <= largestBytes && Number.isInteger(sizeBytes))) {
      throw new InvalidArgumentError(
        `A transaction of ${sizeBytes} bytes cannot be made; choose a size from ${keyBytes} to ${largestBytes} bytes.`,
      );
    }
    if (kept.size >= keptFillers) kept.clear();
    const made = buildFiller(sizeBytes, seed);
    kept.set(name, made);
    return made;
  };
  return {
    smallestBytes: keyBytes,
    largestBytes,
    encode: ({ run, client, sequence }, sizeBytes, seed) => {
      const made = Buffer.from(fillerOf(sizeBytes, seed));
      made.write(digitsOf(run, runPlace.digits), runPlace.offset, "latin1");
      made.write(digitsOf(client, clientPlace.digits), clientPlace.offset, "latin1");
      made.write(digitsOf(sequence, sequenceDigits.digits), sequenceDigits.offset, "latin1");
      return made;
    },
    identify: (bytes) => {
      const identity = { run: 0, client: 0, sequence: 0 };
      return bytes.length >= keyBytes && identifyHead(bytes, 0, identity) ? identity : undefined;
    },
    headBytes: keyBytes,
    identifyHead,
  };
}

/**
 * Hexadecimal, with zeros before it.
 *
 * @throws InvalidArgumentError where so many digits do not hold it, so that no two identities share their bytes
 */
export function digitsOf(value: number, digits: number): string {
  if (!(Number.isInteger(value) && value >= 0 && value < 16 ** digits)) {
    throw new InvalidArgumentError(`${value} is no whole number of at most ${digits} hexadecimal digits.`);
  }
  return value.toString(16).padStart(digits, "0");
}

function buildFiller(sizeBytes: number, seed: number): Buffer {
  const random = seededRandom(`transaction filler ${seed}`);
  const bytes = Buffer.alloc(sizeBytes);
  for (let i = keyBytes; i < sizeBytes; i++) {
    bytes[i] = fillers[Math.floor(random.nextRatio() * fillers.length)] as number;
  }
  mark.copy(bytes);
  return bytes;
}

function identifyHead(heads: Uint8Array, offset: number, into: IdentitySlot): boolean {
  for (let i = 0; i < mark.length; i++) if (heads[offset + i] !== mark[i]) return false;
  for (let i = mark.length; i < keyBytes; i++) {
    if (digitValues[heads[offset + i] as number] === 255) return false;
  }
  into.run = readDigits(heads, offset + runPlace.offset, runPlace.digits);
  into.client = readDigits(heads, offset + clientPlace.offset, clientPlace.digits);
  into.sequence = readDigits(heads, offset + sequenceDigits.offset, sequenceDigits.digits);
  return true;
}

/** Up to 48 bits: shifts would end at 32. */
function readDigits(bytes: Uint8Array, offset: number, digits: number): number {
  let value = 0;
  for (let i = 0; i < digits; i++) value = value * 16 + (digitValues[bytes[offset + i] as number] as number);
  return value;
}
