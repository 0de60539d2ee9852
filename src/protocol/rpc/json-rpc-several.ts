/** JSON-RPC submissions whose replies must be found by their ids: in batches, and over WebSocket. */
import type {
  BatchReply,
  Submission,
  SubmissionReply,
  WebSocketReply,
} from "../../contracts/load/submission.ts";
import { showJson } from "../../core/documents/show-json.ts";
import { broadcastTxAsync } from "./json-rpc.ts";
import { bodyLimitBytes, requestId } from "./json-rpc-bytes.ts";
import { isRecord, parseJson } from "./reply.ts";

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
      const reason = answer.accepted ? `reply is no list: ${body}` : answer.reason;
      return /batch/i.test(reason) ? `${reason}; give a smaller --batch-size` : reason;
    },
  }),
};
