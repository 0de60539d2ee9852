import type { BatchReply, Submission, WebSocketReply } from "../../contracts/load/submission.ts";
import { requestId } from "../rpc/json-rpc-bytes.ts";
import { at } from "../rpc/reply.ts";
import { classifyReply, isUsualAcceptance, parseJson, rejected } from "./replies.ts";

/** Largest body that anvil takes by default (Geth takes 5 MB). */
const largestBodyBytes = 2_000_000;

/**
 * `eth_sendRawTransaction`, one to a request, several, or as messages: acknowledged when it stands in the node's pool.
 * No two bodies have their signature in common, so there is no template of them.
 */
export const sendRawTransaction: Submission = {
  path: "/",
  headers: { "content-type": "application/json" },
  body: (transaction, sequence) => {
    const { buffer, byteOffset, byteLength } = transaction;
    const raw = Buffer.from(buffer, byteOffset, byteLength).toString("hex");
    return `{"jsonrpc":"2.0","id":${requestId(sequence)},"method":"eth_sendRawTransaction","params":["0x${raw}"]}`;
  },
  classify: (status, body, sequence) => {
    if (status !== 200) return rejected(`HTTP ${status}: ${body.trim()}`);
    const reply = parseJson(body);
    return isRecord(reply) ? classifyReply(reply, sequence) : rejected(`reply is no JSON object: ${body}`);
  },
  isUsualAcceptance,
  batch: { open: "[", separator: ",", close: "]", largestBodyBytes, split },
  webSocket: {
    path: "/",
    read: (message) => {
      const reply = parseJson(message);
      return isRecord(reply) && ("result" in reply || "error" in reply) ? readReply(reply) : undefined;
    },
  },
};

function split(status: number, body: string): BatchReply {
  const parsed = status === 200 ? parseJson(body) : undefined;
  if (Array.isArray(parsed)) return { kind: "each", replies: parsed.map(readReply) };
  if (isRecord(parsed) && typeof parsed.id === "number")
    return { kind: "each", replies: [readReply(parsed)] };
  const error = at(parsed, "error", "message");
  const said = error === undefined ? body.trim() : String(error);
  const reason = `HTTP ${status}, ${said || "no list of replies"}; a smaller --batch-size may help`;
  return { kind: "refused", reason: reason.slice(0, 200) };
}

function readReply(reply: unknown): WebSocketReply {
  const id = at(reply, "id");
  const sequence = typeof id === "number" ? id - requestId(0) : undefined;
  return { id: sequence, reply: classifyReply(reply, sequence ?? 0) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
