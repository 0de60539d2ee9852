import type { IncomingMessage, ServerResponse } from "node:http";
import type { ClientQueue, Delivery, Place } from "./client-queue.ts";
import { RpcError } from "./error.ts";
import { answerAll, callMethod, failureJson, methods, parseRequests, successJson } from "./json-rpc.ts";
import { bodyLimitBytes, pieceBytes } from "./limits.ts";
import type { ClientContext, Method } from "./method.ts";
import { readUriArguments } from "./parameters.ts";
import { subscriptionMethods } from "./websocket.ts";

/** A longer body is read (and thrown away) up to here, so that its sender sees the reply and not a reset. */
const discardLimitBytes = 16 * bodyLimitBytes;
/** Id of replies to GET requests, which have none. */
const uriRequestId = -1;

export interface Reply {
  readonly status: number;
  readonly type: "application/json" | "text/html; charset=utf-8" | `text/plain;${string}`;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Serves one HTTP request in its turn: JSON-RPC by POST /, a method by GET /method?arg=, or by POST /method with a form.
 * No reply goes out before what it acknowledges is in the log; all transactions of a batch wait for that once.
 */
export function serveHttp(context: ClientContext, request: IncomingMessage, response: ServerResponse): void {
  const { queue, chain, closing } = context;
  const reply = (made: Reply) => {
    const delivery = queue.count(made.body.length);
    chain.whenLogged(() => send(response, closing.aborted ? lastOf(made) : made, delivery));
  };
  const place = queue.enter();
  const serve = (make: () => Reply | Promise<Reply>) =>
    queue.serve(place, () => {
      const made = make();
      if (!(made instanceof Promise)) {
        reply(made);
        return;
      }
      const goOn = queue.suspend();
      void made.then((awaited) => {
        reply(awaited);
        goOn();
      });
    });
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
  if (request.method === "POST") {
    readBody(request, { queue, place }, (body) =>
      serve(() => {
        if (body === undefined) return tooLong();
        if (path === "/") return jsonRpcReply(context, body.toString());
        return methodReply(context, path, `${query}&${formOf(request, body)}`);
      }),
    );
  } else if (request.method === "GET" || request.method === "HEAD") {
    serve(() => methodReply(context, path, query));
  } else {
    serve(() => ({ ...plain(405, "method not allowed"), headers: { allow: "GET, HEAD, POST" } }));
  }
}

/** @param delivery where it matters what becomes of the reply */
export function send(
  response: ServerResponse,
  { status, type, body, headers }: Reply,
  delivery?: Delivery,
): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { "content-type": type, "content-length": length, ...headers });
  if (delivery === undefined) {
    response.end(body);
    return;
  }
  // Also where the connection is gone.
  response.once("close", delivery.ended);
  sendPieces(response, Buffer.from(body), delivery);
}

/** One piece after the other, so that it is known whether the client reads. */
function sendPieces(response: ServerResponse, bytes: Buffer, delivery: Delivery): void {
  if (bytes.length <= pieceBytes || response.destroyed) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, pieceBytes), () => {
    delivery.progressed();
    sendPieces(response, bytes.subarray(pieceBytes), delivery);
  });
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
function readBody(
  request: IncomingMessage,
  { queue, place }: { readonly queue: ClientQueue; readonly place: Place },
  done: (body: Buffer | undefined) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > discardLimitBytes) request.destroy();
    else if (length <= bodyLimitBytes) chunks.push(chunk);
    else chunks.length = 0;
    place.bytes += chunk.length;
    queue.countRequest(chunk.length);
    if (request.complete || queue.hasTime()) return;
    request.pause();
    void queue.nextTurn().then(() => request.resume());
  });
  request.on("end", () => {
    if (length > bodyLimitBytes) done(undefined);
    else done(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
  });
  // A sender that hangs up is no failure of ours; there is nobody left to answer.
  request.on("error", () => {});
}

function tooLong(): Reply {
  const error = new RpcError("request", "error reading request body: http: request body too large");
  return lastOf(json(400, failureJson(undefined, error)));
}

/** Arguments in the body, as an HTML form sends them. */
function formOf(request: IncomingMessage, body: Buffer): string {
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return isForm === true ? body.toString() : "";
}

function jsonRpcReply(context: ClientContext, body: string): Reply | Promise<Reply> {
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

function methodReply(context: ClientContext, path: string, query: string): Reply | Promise<Reply> {
  if (path === "/") return endpoints();
  const name = path.slice(1);
  const method = methods.get(name);
  if (method !== undefined) return callByUri(context, method, new URLSearchParams(query));
  if (name === "websocket") return plain(400, "Bad Request");
  if (!subscriptionMethods.has(name)) return plain(404, "404 page not found");
  return json(404, failureJson(uriRequestId, new RpcError("method", "")));
}

function callByUri(context: ClientContext, method: Method, query: URLSearchParams): Reply | Promise<Reply> {
  const succeeded = (result: string) => json(200, successJson(uriRequestId, result));
  const failed = (error: unknown) => json(500, failureJson(uriRequestId, error));
  try {
    const result = callMethod(context, method, readUriArguments(method.parameters, query));
    return result instanceof Promise ? result.then(succeeded, failed) : succeeded(result);
  } catch (error) {
    return failed(error);
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
