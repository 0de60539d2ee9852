/** Submissions by JSON-RPC: one to a request, and several, whose replies must be found by their ids. */
import type {
  BatchReply,
  Submission,
  SubmissionReply,
  WebSocketReply,
} from "../../contracts/load/submission.ts";
import { showJson } from "../../core/documents/show-json.ts";
import { binarySequence } from "../transactions/transaction.ts";
import { bodyLimitBytes, bodyTemplate, encodeBytes, recognizeUsual, requestId } from "./json-rpc-bytes.ts";
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
    const tx = encodeBytes(transaction, "base64");
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

/** How one kind of nodes takes several. */
interface SeveralForm {
  readonly largestBodyBytes: number;
  /** Of the WebSocket. */
  readonly path: string;
  /** @param reply to one transaction, parsed */
  readonly classify: (reply: unknown, sequence: number) => SubmissionReply;
  /** Why a whole batch was refused. @param parsed undefined where the status is not 200, or it is no JSON */
  readonly refusal: (reply: { status: number; body: string; parsed: unknown }) => string;
}

/** A JSON-RPC batch (the reply to a batch of one may stand by itself), and messages. */
export function sendSeveral({
  largestBodyBytes,
  path,
  classify,
  refusal,
}: SeveralForm): Required<Pick<Submission, "batch" | "webSocket">> {
  const readReply = (value: unknown): WebSocketReply => {
    const id = isRecord(value) && typeof value.id === "number" ? value.id - requestId(0) : undefined;
    return { id, reply: classify(value, id ?? 0) };
  };
  const split = (status: number, body: string): BatchReply => {
    const parsed = status === 200 ? parseJson(body) : undefined;
    if (Array.isArray(parsed)) return { kind: "each", replies: parsed.map(readReply) };
    if (isRecord(parsed) && typeof parsed.id === "number") {
      return { kind: "each", replies: [readReply(parsed)] };
    }
    return { kind: "refused", reason: refusal({ status, body, parsed }) };
  };
  const read = (message: string) => {
    const parsed = parseJson(message);
    // A subscription's events have a result of their own form; nothing subscribes here.
    return isRecord(parsed) && ("result" in parsed || "error" in parsed) ? readReply(parsed) : undefined;
  };
  return {
    batch: { open: "[", separator: ",", close: "]", largestBodyBytes, split },
    webSocket: { path, read },
  };
}

/** `broadcast_tx_async`, one to a request, several, or as messages. */
export const broadcastTxAsyncEveryWay: Submission = {
  ...broadcastTxAsync,
  ...sendSeveral({
    largestBodyBytes: bodyLimitBytes,
    path: "/websocket",
    classify: (reply, sequence) => broadcastTxAsync.classify(200, showJson(reply), sequence),
    refusal: ({ status, body }) => {
      // One answer to all: whatever transaction it is asked about, it says the same.
      const answer = broadcastTxAsync.classify(status, body, 0);
      const reason = answer.accepted ? `reply is not a list: ${body}` : answer.reason;
      return /batch/i.test(reason) ? `${reason}; give a smaller --batch-size` : reason;
    },
  }),
};
