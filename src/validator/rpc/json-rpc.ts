/** JSON-RPC 2.0 as CometBFT speaks it: from the text of a request to the text of its reply. */
import { describeError } from "../../core/errors.ts";
import { broadcastMethods } from "./broadcast-methods.ts";
import { RpcError } from "./error.ts";
import { infoMethods } from "./info-methods.ts";
import type { ClientContext, Method } from "./method.ts";
import { type ParamsDiagnostic, readJsonArguments } from "./parameters.ts";

export type RequestId = string | number;

/** A request that wants a reply; what has no id, or null, is a notification, which nobody answers or carries out. */
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
const batchReplyLimit = 32 * 2 ** 20;

/**
 * Parses a request; undefined for a notification.
 *
 * @throws RpcError -32700, as CometBFT for all that is no request
 */
export function parseRequest(text: string): RpcRequest | undefined {
  return readRequest(parseJson(text));
}

/**
 * Parses a request, or a batch of them, without its notifications.
 *
 * @throws RpcError -32700 where one of them is no request, -32600 where a batch has more than `mostInBatch`
 */
export function parseRequests(text: string, mostInBatch: number): RpcRequest[] {
  const parsed = parseJson(text);
  const values: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  const requests = values.map(readRequest);
  if (Array.isArray(parsed) && values.length > mostInBatch) {
    const reason = `batch request exceeds maximum (${mostInBatch}) allowed number of requests`;
    throw new RpcError("request", reason);
  }
  return requests.filter((request) => request !== undefined);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw parseError(describeError(error), error);
  }
}

function parseError(reason: string, cause?: unknown): RpcError {
  return new RpcError("parse", `error unmarshaling request: ${reason}`, { cause });
}

function readRequest(value: unknown): RpcRequest | undefined {
  if (value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) throw parseError("a request must be an object");
  const { id, method, jsonrpc, params } = value as Record<string, unknown>;
  readText("jsonrpc", jsonrpc);
  const name = readText("method", method);
  return id === undefined || id === null ? undefined : { id: readId(id), method: name, params };
}

/** As in Go, what is absent or null is empty. */
function readText(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw parseError(`${name} must be a string`);
  return value;
}

/** CometBFT cuts the fraction off a number. */
function readId(id: unknown): RequestId {
  if (typeof id === "string") return id;
  if (typeof id === "number" && Math.abs(id) < 2 ** 63) return Math.trunc(id);
  const type = Array.isArray(id) ? "list" : typeof id;
  throw parseError(`json-rpc ID (${JSON.stringify(id)}) is of unknown type (${type})`);
}

/** Calls a method, if its results may be large once there is room for one. At once where the method answers at once. */
export function callMethod(
  context: ClientContext,
  { isLarge, call }: Method,
  args: readonly unknown[],
): string | Promise<string> {
  const room = isLarge ? context.queue.whenRoom() : undefined;
  return room === undefined ? call(context, args) : room.then(() => call(context, args));
}

/**
 * Reply to one request. At once where the method answers at once.
 *
 * @param paramsDiagnostic what wrong params are: over WebSocket CometBFT calls them an internal error
 */
export function answer(
  context: ClientContext,
  { id, method, params }: RpcRequest,
  paramsDiagnostic: ParamsDiagnostic = "params",
): string | Promise<string> {
  try {
    const known = methods.get(method);
    if (known === undefined) throw new RpcError("method", "");
    const result = callMethod(context, known, readJsonArguments(known.parameters, params, paramsDiagnostic));
    if (typeof result === "string") return successJson(id, result);
    return result.then(
      (text) => successJson(id, text),
      (error: unknown) => failureJson(id, error),
    );
  } catch (error) {
    return failureJson(id, error);
  }
}

/**
 * Replies to requests, carried out one after the other; "" for none. As in CometBFT, a single reply stands by
 * itself, not in an array. At once where all methods answer at once, and soon enough for one turn of the event loop.
 */
export function answerAll(
  context: ClientContext,
  requests: readonly RpcRequest[],
  replies: readonly string[] = [],
): string | Promise<string> {
  const endMs = performance.now() + context.limits.turnMs;
  const reported = [...replies];
  let length = reported.reduce((sum, reply) => sum + reply.length, 0);
  const goOn = async (later: Promise<readonly string[]>) => {
    const release = context.queue.hold(length);
    const soFar = await later;
    release();
    return context.queue.isClosed ? "" : answerAll(context, requests, soFar);
  };
  for (const request of requests.slice(reported.length)) {
    if (length > batchReplyLimit) {
      reported.push(failureJson(undefined, new RpcError("internal", "the batch's replies are too long")));
      break;
    }
    const reply = answer(context, request);
    if (typeof reply !== "string") {
      return goOn(reply.then((awaited) => [...reported, awaited]));
    }
    reported.push(reply);
    length += reply.length;
    if (reported.length < requests.length && performance.now() >= endMs) {
      return goOn(context.queue.nextTurn().then(() => reported));
    }
  }
  return reported.length > 1 ? `[${reported.join(",")}]` : (reported[0] ?? "");
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
