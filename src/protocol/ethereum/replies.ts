/** What nodes answer to transactions. */
import type { ByteRange } from "../../contracts/load/commits.ts";
import type { SubmissionReply } from "../../contracts/load/submission.ts";
import { BytePattern } from "../../core/byte-pattern.ts";
import { showJson } from "../../core/documents/show-json.ts";
import { IdDigits, requestId } from "../rpc/json-rpc-bytes.ts";
import { at } from "../rpc/reply.ts";

/** Longest reason that is kept of a rejection, characters. */
const reasonLimit = 200;

/** The reply to one transaction, as parsed. */
export function classifyReply(reply: unknown, sequence: number): SubmissionReply {
  const error = at(reply, "error");
  if (error !== undefined) {
    const message = at(error, "message");
    const words = typeof message === "string" ? message : showJson(message);
    return rejected(`error ${showJson(at(error, "code"))}: ${words}`);
  }
  const id = at(reply, "id");
  const wanted = requestId(sequence);
  if (id !== wanted) return rejected(`reply has id ${showJson(id)} instead of ${wanted}`);
  if (typeof at(reply, "result") !== "string") return rejected(`reply has no hash: ${showJson(reply)}`);
  return { accepted: true };
}

export function rejected(reason: string): SubmissionReply {
  return { accepted: false, reason: reason.slice(0, reasonLimit) };
}

/** undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const beforeId = '{"jsonrpc":"2.0","id":';
const usualStart = Buffer.from(`${beforeId}${requestId(0)},"result":"0x`);
const usualEnd = Buffer.from('"}');
/** With the transaction's hash of 64 letters, which nobody asks for. */
const usualBytes = usualStart.length + 64 + usualEnd.length;
const startPattern = new BytePattern(usualStart);
const usualId = new IdDigits(
  usualStart.subarray(beforeId.length, beforeId.length + `${requestId(0)}`.length),
);
const endPattern = new BytePattern(usualEnd);

/** Whether it is an acceptance as nodes write it, told by all of its bytes but the hash. */
export function isUsualAcceptance(bytes: Uint8Array, { start, end }: ByteRange, sequence: number): boolean {
  if (end - start !== usualBytes) return false;
  usualId.set(sequence);
  return startPattern.standsIn(bytes, start) && endPattern.standsIn(bytes, end - endPattern.length);
}
