/** The bytes of submissions and of their usual replies: written and recognized without making a text of them. */
import type { BodyTemplate, Submission } from "../../contracts/load/submission.ts";
import { BytePattern } from "../../core/byte-pattern.ts";
import {
  type LettersForm,
  lettersTemplate,
  type SequenceForm,
  SequenceLetters,
} from "../transactions/sequence-letters.ts";

/** Largest body that CometBFT (and the embedded validator) takes by default. */
export const bodyLimitBytes = 1_000_000;

/** Bytes as a text, without a copy of them. */
export function encodeBytes(
  { buffer, byteOffset, byteLength }: Uint8Array,
  encoding: BufferEncoding,
): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString(encoding);
}

/**
 * Ids in requests begin here, so that all have as many digits, whatever the sequence number (below 2⁴⁸): every body of
 * one size of transactions is as long, and so is every usual reply.
 */
const firstId = 10 ** 14;

/** The JSON-RPC id of a transaction: a plain number, exact in floating point. */
export function requestId(sequence: number): number {
  return firstId + sequence;
}

/** Its digits. */
export const idForm: LettersForm = {
  lettersOf: (sequence) => Buffer.from(`${requestId(sequence)}`),
  lastLetters: 3,
  square: 1000,
};

const beforeId = '{"jsonrpc":"2.0","id":';
const beforeTransaction = '"params":{"tx":"';
const idLength = String(firstId).length;

/**
 * @param body of the transaction with sequence number 0
 * @param form how the number stands in it
 */
export function bodyTemplate(body: string, form: SequenceForm): BodyTemplate {
  const transactionAt = body.indexOf(beforeTransaction) + beforeTransaction.length;
  return lettersTemplate(Buffer.from(body, "latin1"), [
    { form: idForm, offset: beforeId.length },
    // In base64, four letters for three bytes.
    { form, offset: transactionAt + (form.offset / 3) * 4 },
  ]);
}

/**
 * Recognizes acceptances as nodes write them, told by all of their bytes but the transaction's hash of 64 letters, which
 * nobody asks for.
 *
 * @param start what stands between id and hash
 */
export function recognizeUsual(start: string, end: string): NonNullable<Submission["isUsualAcceptance"]> {
  const startBytes = Buffer.from(`${beforeId}${requestId(0)},${start}`);
  const id = new SequenceLetters(idForm, startBytes.subarray(beforeId.length, beforeId.length + idLength));
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
