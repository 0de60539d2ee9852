/** The bytes of submissions and of their usual replies: written and recognized without making a text of them. */
import type { BodyTemplate, Submission } from "../../contracts/load/submission.ts";
import { BytePattern } from "../../core/byte-pattern.ts";
import { type SequenceForm, SequenceLetters } from "../transactions/sequence-letters.ts";

/** Largest body that CometBFT (and the embedded validator) takes by default. */
export const bodyLimitBytes = 1_000_000;

/**
 * Ids in requests begin here, so that all have as many digits, whatever the sequence number (below 2⁴⁸): every body of
 * one size of transactions is as long, and so is every usual reply.
 */
const firstId = 10 ** 14;

/** The JSON-RPC id of a transaction: a plain number, exact in floating point. */
export function requestId(sequence: number): number {
  return firstId + sequence;
}

const beforeId = '{"jsonrpc":"2.0","id":';
const beforeTransaction = '"params":{"tx":"';
const digit0 = 48;
const idLength = String(firstId).length;

/**
 * @param body of the transaction with sequence number 0
 * @param form how the number stands in it
 */
export function bodyTemplate(body: string, form: SequenceForm): BodyTemplate {
  const bytes = Buffer.from(body, "latin1");
  const idAt = beforeId.length;
  const transactionAt = body.indexOf(beforeTransaction) + beforeTransaction.length;
  const id = new IdDigits();
  const letters = new SequenceLetters(form);
  // In base64, four letters for three bytes.
  const sequenceAt = transactionAt + (form.offset / 3) * 4;
  return {
    bytes,
    patch: (copy, offset, sequence) => {
      id.set(sequence);
      id.pattern.layInto(copy, offset + idAt);
      letters.set(sequence);
      letters.pattern.layInto(copy, offset + sequenceAt);
    },
  };
}

/** The digits of a request's id. Most differ from those before in the last three alone, which then are all that is written. */
export class IdDigits {
  readonly pattern: BytePattern;
  readonly #bytes: Uint8Array;
  /** The sequence number with the same digits but for the last three, which are zero. */
  #thousandFrom = Number.NaN;

  /** @param bytes to be kept up to date, 15 of them */
  constructor(bytes: Uint8Array = new Uint8Array(idLength)) {
    this.#bytes = bytes;
    this.pattern = new BytePattern(bytes);
  }

  set(sequence: number): void {
    let within = sequence - this.#thousandFrom;
    if (!(within >= 0 && within < 1000)) {
      this.#bytes.set(Buffer.from(`${requestId(sequence)}`));
      within = requestId(sequence) % 1000;
      this.#thousandFrom = sequence - within;
    }
    writeThousand(this.#bytes, idLength - 3, within);
  }
}

/** Three digits. */
function writeThousand(bytes: Uint8Array, place: number, value: number): void {
  const hundreds = (value / 100) | 0;
  const tens = (value / 10) | 0;
  bytes[place] = digit0 + hundreds;
  bytes[place + 1] = digit0 + tens - hundreds * 10;
  bytes[place + 2] = digit0 + value - tens * 10;
}

/**
 * Recognizes acceptances as nodes write them, told by all of their bytes but the transaction's hash of 64 letters, which
 * nobody asks for.
 *
 * @param start what stands between id and hash
 */
export function recognizeUsual(start: string, end: string): NonNullable<Submission["isUsualAcceptance"]> {
  const startBytes = Buffer.from(`${beforeId}${requestId(0)},${start}`);
  const id = new IdDigits(startBytes.subarray(beforeId.length, beforeId.length + idLength));
  const startPattern = new BytePattern(startBytes);
  const endPattern = new BytePattern(Buffer.from(end));
  const length = startPattern.length + 64 + endPattern.length;
  return (bytes, range, sequence) => {
    if (range.end - range.start !== length) return false;
    id.set(sequence);
    return (
      startPattern.standsIn(bytes, range.start) && endPattern.standsIn(bytes, range.end - endPattern.length)
    );
  };
}
