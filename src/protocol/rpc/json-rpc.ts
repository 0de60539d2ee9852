import type { Submission, SubmissionReply } from "../../contracts/load/submission.ts";
import { showJson } from "../../core/documents/show-json.ts";
import { binarySequence } from "../transactions/transaction.ts";
import { bodyLimitBytes, bodyTemplate, recognizeUsual, requestId } from "./json-rpc-bytes.ts";
import { isRecord, parseJson } from "./reply.ts";

/** More than everything in a submission's body but the transaction, with the longest id. */
const envelopeBytes = 128;
/** Longest reason that is kept of a rejection, characters. */
const reasonLimit = 200;

/** Largest transaction whose submission still fits into a body, bytes. */
export const largestSubmittedBytes = Math.floor((bodyLimitBytes - envelopeBytes) / 4) * 3;

/** `broadcast_tx_async` by HTTP POST: acknowledged when it stands in the node's mempool. */
export const broadcastTxAsync: Submission = {
  path: "/",
  headers: { "content-type": "application/json" },
  body: (transaction, id) => {
    const { buffer, byteOffset, byteLength } = transaction;
    const tx = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
    return `{"jsonrpc":"2.0","id":${requestId(id)},"method":"broadcast_tx_async","params":{"tx":"${tx}"}}`;
  },
  classify: (status, body, id) => {
    if (status !== 200) return rejected(`HTTP ${status}: ${body.trim()}`);
    return classifyReply(body, requestId(id));
  },
  template: (transaction) => bodyTemplate(broadcastTxAsync.body(transaction, 0), binarySequence),
  isUsualAcceptance: recognizeUsual(`"result":{"code":0,"data":"","log":"","codespace":"","hash":"`, `"}}`),
};

const accepted: SubmissionReply = { accepted: true };

function classifyReply(body: string, id: number): SubmissionReply {
  const reply = parseJson(body);
  if (reply === undefined) return rejected(`reply is not JSON: ${body}`);
  if (!isRecord(reply)) return rejected(`reply is not an object: ${body}`);
  const { id: repliedId, error, result } = reply;
  if (isRecord(error))
    return rejected(`error ${showJson(error.code)}: ${textOf(error.data) || textOf(error.message)}`);
  if (repliedId !== id) return rejected(`reply has id ${showJson(repliedId)} instead of ${id}`);
  if (!isRecord(result)) return rejected(`reply has neither result nor error: ${body}`);
  if (result.code === 0) return accepted;
  return rejected(`code ${showJson(result.code)}: ${textOf(result.log)}`);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function rejected(reason: string): SubmissionReply {
  return { accepted: false, reason: reason.slice(0, reasonLimit) };
}
