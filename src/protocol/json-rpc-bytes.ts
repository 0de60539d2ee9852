/** The bytes of submissions and of their usual replies: written and recognized without making a text of them. */
import type { BodyTemplate, ByteRange } from "../contracts/protocol.ts";
import { sequencePlace } from "./transaction.ts";

/**
 * Ids in requests begin here, so that all have as many digits, whatever the sequence number (below 2⁴⁸): every body of
 * one size of transactions is as long, and so is every usual reply.
 */
const firstId = 10 ** 14;
const idDigits = 15;

/** The JSON-RPC id of a transaction: a plain number, exact in floating point. */
export function requestId(sequence: number): number {
  return firstId + sequence;
}

const beforeId = '{"jsonrpc":"2.0","id":';
const beforeTransaction = '"params":{"tx":"';
const base64Letters = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const digit0 = 48;

/** @param body of the transaction with sequence number 0 */
export function bodyTemplate(body: string): BodyTemplate {
  const bytes = Buffer.from(body, "latin1");
  const idAt = beforeId.length;
  const transactionAt = body.indexOf(beforeTransaction) + beforeTransaction.length;
  const sequenceAt = transactionAt + (sequencePlace.offset / 3) * 4;
  return {
    bytes,
    patch: (copy, offset, sequence) => {
      writeId(copy, offset + idAt, requestId(sequence));
      writeSequence(copy, offset + sequenceAt, sequence);
    },
  };
}

function writeId(bytes: Uint8Array, place: number, id: number): void {
  const high = Math.floor(id / 1e9);
  const low = id - high * 1e9;
  writeThousand(bytes, place, (high / 1000) | 0);
  writeThousand(bytes, place + 3, high % 1000);
  writeThousand(bytes, place + 6, (low / 1e6) | 0);
  writeThousand(bytes, place + 9, ((low / 1000) | 0) % 1000);
  writeThousand(bytes, place + 12, low % 1000);
}

/** Three digits. */
function writeThousand(bytes: Uint8Array, place: number, value: number): void {
  const hundreds = (value / 100) | 0;
  const tens = (value / 10) | 0;
  bytes[place] = digit0 + hundreds;
  bytes[place + 1] = digit0 + tens - hundreds * 10;
  bytes[place + 2] = digit0 + value - tens * 10;
}

function writeSequence(bytes: Uint8Array, place: number, sequence: number): void {
  const high = Math.floor(sequence / 2 ** 24);
  writeGroup(bytes, place, high);
  writeGroup(bytes, place + 4, sequence - high * 2 ** 24);
}

/** Three bytes as four letters of base64. */
function writeGroup(bytes: Uint8Array, place: number, value: number): void {
  bytes[place] = base64Letters[value >>> 18] as number;
  bytes[place + 1] = base64Letters[(value >>> 12) & 63] as number;
  bytes[place + 2] = base64Letters[(value >>> 6) & 63] as number;
  bytes[place + 3] = base64Letters[value & 63] as number;
}

/** The usual acceptance, as CometBFT writes it: this, the id, this, the transaction's hash in 64 letters, and its end. */
const replyBeforeId = Buffer.from(beforeId);
const replyAfterId = Buffer.from(',"result":{"code":0,"data":"","log":"","codespace":"","hash":"');
const replyEnd = Buffer.from('"}}');
const hashAt = replyBeforeId.length + idDigits + replyAfterId.length;
const replyBytes = hashAt + 64 + replyEnd.length;
const expectedId = new Uint8Array(idDigits);

/** Compares all but the hash, which nobody asks for. */
export function isUsualAcceptance(bytes: Uint8Array, { start, end }: ByteRange, sequence: number): boolean {
  if (end - start !== replyBytes) return false;
  writeId(expectedId, 0, requestId(sequence));
  return (
    stands(expectedId, bytes, start + replyBeforeId.length) &&
    stands(replyAfterId, bytes, start + replyBeforeId.length + idDigits) &&
    stands(replyBeforeId, bytes, start) &&
    stands(replyEnd, bytes, end - replyEnd.length)
  );
}

function stands(expected: Uint8Array, bytes: Uint8Array, place: number): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[place + i] !== expected[i]) return false;
  return true;
}
