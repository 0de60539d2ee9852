/** The bytes of submissions and of their usual replies: written and recognized without making a text of them. */
import type { BodyTemplate, ByteRange } from "../contracts/protocol.ts";
import { BytePattern } from "../core/byte-pattern.ts";
import { sequencePlace } from "./transaction.ts";

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

/** The usual acceptance, as CometBFT writes it, up to the transaction's hash of 64 letters; and its end. */
const usualStart = Buffer.from(
  `${beforeId}${requestId(0)},"result":{"code":0,"data":"","log":"","codespace":"","hash":"`,
);
const usualEnd = Buffer.from('"}}');
const usualBytes = usualStart.length + 64 + usualEnd.length;
const startPattern = new BytePattern(usualStart);
const endPattern = new BytePattern(usualEnd);

/** Compares all but the hash, which nobody asks for. */
export function isUsualAcceptance(bytes: Uint8Array, { start, end }: ByteRange, sequence: number): boolean {
  if (end - start !== usualBytes) return false;
  writeId(usualStart, beforeId.length, requestId(sequence));
  return startPattern.standsIn(bytes, start) && endPattern.standsIn(bytes, end - endPattern.length);
}
