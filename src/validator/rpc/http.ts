import type { IncomingMessage, ServerResponse } from "node:http";
import { RpcError } from "./error.ts";
import { answer, answerBatch, failureJson, methods, parseJson, successJson } from "./json-rpc.ts";
import type { Method, RpcContext } from "./method.ts";
import { readUriArguments } from "./parameters.ts";

/** CometBFT's max_body_bytes. */
export const bodyLimitBytes = 1_000_000;
/** A longer body is read (and thrown away) up to here, so that its sender sees the reply and not a reset. */
const discardLimitBytes = 16 * bodyLimitBytes;
/** Id of replies to GET requests, which have none. */
const uriRequestId = -1;
/** Served over WebSocket alone. */
const webSocketMethods = new Set(["subscribe", "unsubscribe", "unsubscribe_all"]);

/** A whole reply. */
export interface Reply {
  readonly status: number;
  readonly type: "application/json" | "text/html; charset=utf-8" | `text/plain;${string}`;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Serves one HTTP request: JSON-RPC by POST /, a method by GET /method?arg=. */
export function serveHttp(context: RpcContext, request: IncomingMessage, response: ServerResponse): void {
  if (request.method === "POST" && request.url === "/") {
    readBody(request, (body) => sendSoon(response, jsonRpcReply(context, body)));
    return;
  }
  request.resume();
  sendSoon(response, uriReply(context, request.method ?? "", request.url ?? "/"));
}

/** Sends a reply. */
export function send(response: ServerResponse, { status, type, body, headers }: Reply): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** A reply of one line of text. */
export function plain(status: number, line: string): Reply {
  return { status, type: "text/plain; charset=utf-8", body: `${line}\n` };
}

function json(status: number, body: string): Reply {
  return { status, type: "application/json", body };
}

/** Waits only where it must: most methods answer at once. */
function sendSoon(response: ServerResponse, reply: Reply | Promise<Reply>): void {
  if (reply instanceof Promise) void reply.then((awaited) => send(response, awaited));
  else send(response, reply);
}

/** Calls back once, with undefined where the body is too long; never where the sender went away before its end. */
function readBody(request: IncomingMessage, done: (body: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > discardLimitBytes) request.destroy();
    else if (length <= bodyLimitBytes) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on("end", () => {
    if (length > bodyLimitBytes) done(undefined);
    else done(chunks.length === 1 && chunks[0] ? chunks[0].toString() : Buffer.concat(chunks).toString());
  });
  // A sender that hangs up is no failure of ours; there is nobody left to answer.
  request.on("error", () => {});
}

function jsonRpcReply(context: RpcContext, body: string | undefined): Reply | Promise<Reply> {
  if (body === "") return endpoints();
  if (body === undefined) {
    const error = new RpcError("request", "error reading request body: http: request body too large");
    return { ...json(400, failureJson(undefined, error)), headers: { connection: "close" } };
  }
  let parsed: unknown;
  try {
    parsed = parseJson(body);
  } catch (error) {
    return json(500, failureJson(undefined, error));
  }
  const answered = Array.isArray(parsed) ? answerBatch(context, parsed) : answer(context, parsed);
  if (answered instanceof Promise) return answered.then((text) => json(200, text));
  return json(200, answered ?? "");
}

function uriReply(context: RpcContext, verb: string, url: string): Reply | Promise<Reply> {
  const [path = "/", query = ""] = url.split(/\?(.*)/s, 2);
  if (verb !== "GET" && verb !== "HEAD") {
    const headers = { allow: path === "/" ? "GET, HEAD, POST" : "GET, HEAD" };
    return { ...plain(405, "method not allowed"), headers };
  }
  if (path === "/") return endpoints();
  const name = path.slice(1);
  const method = methods.get(name);
  if (method !== undefined) return callByUri(context, method, new URLSearchParams(query));
  if (!webSocketMethods.has(name)) return plain(404, "404 page not found");
  return json(404, failureJson(uriRequestId, new RpcError("method", "")));
}

async function callByUri(context: RpcContext, method: Method, query: URLSearchParams): Promise<Reply> {
  try {
    const args = readUriArguments(method.parameters, query);
    return json(200, successJson(uriRequestId, await method.call(context, args)));
  } catch (error) {
    return json(500, failureJson(uriRequestId, error));
  }
}

function endpoints(): Reply {
  const items = [...methods].map(([name, { parameters }]) => {
    const query = parameters.map((parameter) => `${parameter.name}=_`).join("&amp;");
    const link = query === "" ? `/${name}` : `/${name}?${query}`;
    return `<a href="${link}">${link}</a><br>`;
  });
  const body = `<html><body><br>Available endpoints:<br>${items.join("\n")}</body></html>\n`;
  return { status: 200, type: "text/html; charset=utf-8", body };
}
