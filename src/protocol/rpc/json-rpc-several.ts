/** JSON-RPC submissions whose replies must be found by their ids: in batches, and over WebSocket. */
import type {
  BatchReply,
  BatchSubmission,
  Submission,
  SubmissionReply,
  WebSocketReply,
  WebSocketSubmission,
} from "../../contracts/load/submission.ts";
import { showJson } from "../../core/documents/show-json.ts";
import { broadcastTxAsync } from "./json-rpc.ts";
import { bodyLimitBytes, requestId } from "./json-rpc-bytes.ts";

/** A JSON-RPC batch; the reply to a batch of one may stand by itself. */
const batch: BatchSubmission = {
  open: "[",
  separator: ",",
  close: "]",
  largestBodyBytes: bodyLimitBytes,
  split: splitReply,
};

const webSocket: WebSocketSubmission = {
  path: "/websocket",
  read: (message) => {
    const parsed = parseJson(message);
    // A subscription's events have a result of their own form; nothing subscribes here.
    return isRecord(parsed) && ("result" in parsed || "error" in parsed) ? readReply(parsed) : undefined;
  },
};

/** `broadcast_tx_async`, one to a request, several, or as messages. */
export const broadcastTxAsyncEveryWay: Submission = { ...broadcastTxAsync, batch, webSocket };

function splitReply(status: number, body: string): BatchReply {
  const parsed = status === 200 ? parseJson(body) : undefined;
  if (Array.isArray(parsed)) return { kind: "each", replies: parsed.map(readReply) };
  if (isRecord(parsed) && typeof parsed.id === "number")
    return { kind: "each", replies: [readReply(parsed)] };
  // One answer to all: whatever transaction it is asked about, it says the same.
  const answer = broadcastTxAsync.classify(status, body, 0);
  const reason = answer.accepted ? `reply is no list: ${body}` : answer.reason;
  return {
    kind: "refused",
    reason: /batch/i.test(reason) ? `${reason}; give a smaller --batch-size` : reason,
  };
}

function readReply(value: unknown): WebSocketReply {
  const id = isRecord(value) && typeof value.id === "number" ? value.id - requestId(0) : undefined;
  return { id, reply: classify(value, id ?? 0) };
}

function classify(value: unknown, sequence: number): SubmissionReply {
  return broadcastTxAsync.classify(200, showJson(value), sequence);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
