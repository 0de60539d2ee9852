import type { Submission, SubmissionReply } from "../../contracts/load/submission.ts";
import { showJson } from "../../core/documents/show-json.ts";
import { rejected, sendSeveral } from "../rpc/json-rpc.ts";
import { encodeBytes, recognizeUsual, requestId } from "../rpc/json-rpc-bytes.ts";
import { at, isRecord, parseJson } from "../rpc/reply.ts";

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
    const raw = encodeBytes(transaction, "hex");
    return `{"jsonrpc":"2.0","id":${requestId(sequence)},"method":"eth_sendRawTransaction","params":["0x${raw}"]}`;
  },
  classify: (status, body, sequence) => {
    if (status !== 200) return rejected(`HTTP ${status}: ${body.trim()}`);
    const reply = parseJson(body);
    return isRecord(reply) && !Array.isArray(reply)
      ? classifyReply(reply, sequence)
      : rejected(`reply is not a JSON object: ${body}`);
  },
  isUsualAcceptance: recognizeUsual(`"result":"0x`, `"}`),
  ...sendSeveral({
    largestBodyBytes,
    path: "/",
    classify: classifyReply,
    refusal: ({ status, body, parsed }) => {
      const error = at(parsed, "error", "message");
      const said = error === undefined ? body.trim() : String(error);
      const reason = `HTTP ${status}, ${said || "no list of replies"}; a smaller --batch-size may help`;
      return reason.slice(0, 200);
    },
  }),
};

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
