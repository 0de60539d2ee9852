import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { RpcError } from "./error.ts";
import { answerAll, failureJson, methods, parseRequests, successJson } from "./json-rpc.ts";
import { bodyLimitBytes, unreadLimitBytes } from "./limits.ts";
import type { Method, RpcContext } from "./method.ts";
import { readUriArguments } from "./parameters.ts";
import { subscriptionMethods } from "./websocket.ts";

/** A longer body is read (and thrown away) up to here, so that its sender sees the reply and not a reset. */
const discardLimitBytes = 16 * bodyLimitBytes;
/** Replies from this length on are counted until they are read. */
const largeReplyBytes = 16_384;
/** Id of replies to GET requests, which have none. */
const uriRequestId = -1;

export interface Reply {
  readonly status: number;
  readonly type: "application/json" | "text/html; charset=utf-8" | `text/plain;${string}`;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Serves one HTTP request: JSON-RPC by POST /, a method by GET /method?arg=, or by POST /method with a form. No reply
 * goes out before what it acknowledges is in the log; all transactions of a batch wait for that once.
 */
export function serveHttp(context: RpcContext, request: IncomingMessage, response: ServerResponse): void {
  const reply = (made: Reply | Promise<Reply>) => {
    if (made instanceof Promise) void made.then(reply);
    else context.chain.whenLogged(() => send(response, context.closing.aborted ? lastOf(made) : made));
  };
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
  if (request.method === "POST") {
    readBody(request, (body) => {
      if (body === undefined) reply(tooLong());
      else if (path === "/") reply(jsonRpcReply(context, body));
      else reply(methodReply(context, path, `${query}&${formOf(request, body)}`));
    });
    return;
  }
  request.resume();
  if (request.method === "GET" || request.method === "HEAD") reply(methodReply(context, path, query));
  else reply({ ...plain(405, "method not allowed"), headers: { allow: "GET, HEAD, POST" } });
}

/** Bytes of large replies that a connection's other end has not read, by connection. */
const unread = new WeakMap<Socket, number>();

/** Sends a reply. Whoever asks on and on without reading the replies is hung up on. */
export function send(response: ServerResponse, { status, type, body, headers }: Reply): void {
  const length = Buffer.byteLength(body);
  const { socket } = response.req;
  if (length >= largeReplyBytes) {
    const unreadBytes = (unread.get(socket) ?? 0) + length;
    unread.set(socket, unreadBytes);
    if (unreadBytes > unreadLimitBytes + length) socket.destroy();
    response.once("close", () => unread.set(socket, (unread.get(socket) ?? 0) - length));
  }
  response.writeHead(status, { "content-type": type, "content-length": length, ...headers });
  response.end(body);
}

export function plain(status: number, line: string): Reply {
  return { status, type: "text/plain; charset=utf-8", body: `${line}\n` };
}

function json(status: number, body: string): Reply {
  return { status, type: "application/json", body };
}

/** The reply after which the connection is closed. */
function lastOf(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, connection: "close" } };
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

function tooLong(): Reply {
  const error = new RpcError("request", "error reading request body: http: request body too large");
  return lastOf(json(400, failureJson(undefined, error)));
}

/** Arguments in the body, as an HTML form sends them. */
function formOf(request: IncomingMessage, body: string): string {
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return isForm === true ? body : "";
}

function jsonRpcReply(context: RpcContext, body: string): Reply | Promise<Reply> {
  if (body === "") return endpoints();
  let answered: string | Promise<string>;
  try {
    answered = answerAll(context, parseRequests(body, context.limits.mostBatchRequests));
  } catch (error) {
    // CometBFT's status for what it cannot parse, and for a batch that is too long.
    const status = error instanceof RpcError && error.code === "rpc-request" ? 200 : 500;
    return json(status, failureJson(undefined, error));
  }
  return answered instanceof Promise ? answered.then((text) => json(200, text)) : json(200, answered);
}

function methodReply(context: RpcContext, path: string, query: string): Reply | Promise<Reply> {
  if (path === "/") return endpoints();
  const name = path.slice(1);
  const method = methods.get(name);
  if (method !== undefined) return callByUri(context, method, new URLSearchParams(query));
  if (name === "websocket") return plain(400, "Bad Request");
  if (!subscriptionMethods.has(name)) return plain(404, "404 page not found");
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
