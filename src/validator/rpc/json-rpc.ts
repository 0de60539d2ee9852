/** JSON-RPC 2.0 as CometBFT speaks it: from the text of a request to the text of its reply. */
import { describeError } from "../../core/errors.ts";
import { broadcastMethods } from "./broadcast-methods.ts";
import { RpcError } from "./error.ts";
import { infoMethods } from "./info-methods.ts";
import type { Method, RpcContext } from "./method.ts";
import { readJsonArguments } from "./parameters.ts";

export type RequestId = string | number;

/** A request that wants a reply. */
export interface RpcRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly params: unknown;
}

/** Every method that HTTP and WebSocket share, by name. */
export const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({ ...infoMethods, ...broadcastMethods }),
);

/** Replies of one batch are held in memory until it is done, so they are bounded, in characters. */
const batchReplyLimit = 64 * 2 ** 20;

/**
 * Parses a body.
 *
 * @throws RpcError -32700
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw parseError(error);
  }
}

function parseError(cause: unknown): RpcError {
  return new RpcError("parse", `error unmarshaling request: ${describeError(cause)}`, { cause });
}

/**
 * Reads one request. undefined for a notification (no id, or null), which nobody answers or carries out.
 *
 * @throws RpcError -32600
 */
export function readRequest(value: unknown): RpcRequest | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RpcError("request", "a request must be an object");
  }
  const { id, method, params } = value as Record<string, unknown>;
  if (id === undefined || id === null) return undefined;
  if (typeof id !== "string" && !(typeof id === "number" && Number.isSafeInteger(id))) {
    throw new RpcError("request", "json-rpc ID must be a string or a whole number");
  }
  // What is no name at all is the name of no method.
  return { id, method: typeof method === "string" ? method : "", params };
}

/** Reply to one parsed request, undefined for a notification. At once where the method answers at once. */
export function answer(context: RpcContext, value: unknown): string | undefined | Promise<string> {
  let id: RequestId | undefined;
  try {
    const request = readRequest(value);
    if (request === undefined) return undefined;
    id = request.id;
    const method = methods.get(request.method);
    if (method === undefined) throw new RpcError("method", "");
    const result = method.call(context, readJsonArguments(method.parameters, request.params));
    if (typeof result === "string") return successJson(request.id, result);
    return result.then(
      (text) => successJson(request.id, text),
      (error: unknown) => failureJson(id, error),
    );
  } catch (error) {
    return failureJson(id, error);
  }
}

/**
 * Reply to a batch, its requests carried out one after the other; "" where all were notifications. As in
 * CometBFT, a single reply stands by itself, not in an array.
 */
export async function answerBatch(context: RpcContext, requests: readonly unknown[]): Promise<string> {
  const replies: string[] = [];
  let length = 0;
  for (const request of requests) {
    if (length > batchReplyLimit) {
      replies.push(failureJson(undefined, new RpcError("internal", "the batch's replies are too long")));
      break;
    }
    const pending = answer(context, request);
    const reply = typeof pending === "string" ? pending : await pending;
    if (reply === undefined) continue;
    replies.push(reply);
    length += reply.length;
  }
  return replies.length > 1 ? `[${replies.join(",")}]` : (replies[0] ?? "");
}

/** Wraps a result, given as JSON text. */
export function successJson(id: RequestId, result: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
}

/** Wraps a failure. Like CometBFT, leaves the id out where it is not known. */
export function failureJson(id: RequestId | undefined, thrown: unknown): string {
  const error =
    thrown instanceof RpcError ? thrown : new RpcError("internal", describeError(thrown), { cause: thrown });
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    error: { code: error.rpcCode, message: error.title, data: error.message || undefined },
  });
}
