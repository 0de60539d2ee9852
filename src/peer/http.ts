/** The small HTTP server of peers and coordinators: JSON and lines, bounded in what anybody can send. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Address } from "./config.ts";

export interface Reply {
  readonly status: number;
  readonly body: string | Buffer;
  readonly type?: string;
}

export type Handler = (request: { readonly url: URL; readonly body: unknown }) => Reply | Promise<Reply>;

/** By method and path: "GET /status". */
export type Routes = Readonly<Record<string, Handler>>;

const largestBodyBytes = 64 * 1024;
const largestReplyBytes = 4 * 1024 * 1024;
const mostConnections = 256;
const timeoutMs = 10_000;

export const jsonReply = (value: unknown, status = 200): Reply => ({
  status,
  body: JSON.stringify(value),
  type: "application/json",
});

const problem = (status: number, message: string) => jsonReply({ error: message }, status);

/**
 * Answers with the lines of a log from the byte on that the query names (`from`, default 0).
 *
 * @param read gets that byte, and how many bytes it gives at most
 * @throws RangeError if it names no byte
 */
export function readLines(
  { searchParams }: URL,
  read: (from: number, mostBytes: number) => string | Buffer,
): Reply {
  const from = Number(searchParams.get("from") ?? "0");
  if (!Number.isSafeInteger(from) || from < 0) {
    throw new RangeError("from: a whole number of bytes, 0 or more");
  }
  return { status: 200, body: read(from, largestReplyBytes), type: "application/x-ndjson" };
}

/** Resolves once it listens. @throws where the address cannot be listened on */
export async function serveHttp({ host, port }: Address, routes: Routes): Promise<Server> {
  const server = createServer(
    { requestTimeout: timeoutMs, headersTimeout: timeoutMs },
    async (request, response) => {
      const { status, body, type = "text/plain; charset=utf-8" } = await answer(request, routes);
      response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
      response.end(body);
    },
  );
  server.maxConnections = mostConnections;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

async function answer(request: IncomingMessage, routes: Routes): Promise<Reply> {
  try {
    const url = new URL(request.url ?? "/", "http://peer");
    const handler = routes[`${request.method} ${url.pathname}`];
    if (handler === undefined) {
      request.resume();
      return problem(404, `there is no ${request.method} ${url.pathname}`);
    }
    const body = request.method === "POST" ? await readJson(request) : undefined;
    return await handler({ url, body });
  } catch (error) {
    return problem(400, error instanceof Error ? error.message : String(error));
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBodyBytes) throw new RangeError(`the body is larger than ${largestBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
