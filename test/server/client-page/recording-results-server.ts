/** Takes what test peers submit, as the results server does, and keeps it. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface SubmittedPoint {
  readonly peerId: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly metrics: Readonly<Record<string, unknown>> & { readonly extra: Readonly<Record<string, number>> };
}

export interface RecordingResultsServer extends AsyncDisposable {
  readonly url: string;
  readonly points: readonly SubmittedPoint[];
  /** How often a peer asked whether the test is started. */
  readonly asked: () => number;
  start(): void;
  finish(): void;
}

export async function startRecordingResultsServer(testId: string): Promise<RecordingResultsServer> {
  const points: SubmittedPoint[] = [];
  let asked = 0;
  let started: number | undefined;
  let finished: number | undefined;
  const server = createServer(async (request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-methods", "GET, PUT");
    response.setHeader("access-control-allow-headers", "content-type");
    const [, path, id = "", , peerId = ""] = (request.url ?? "").split("/");
    const body = await text(request);
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    if (path !== "test" || decodeURIComponent(id) !== testId) return response.writeHead(404).end("{}");
    if (request.method === "PUT") {
      if (started === undefined || finished !== undefined) return response.writeHead(400).end("{}");
      points.push({ peerId: decodeURIComponent(peerId), atMs: Date.now(), metrics: JSON.parse(body) });
    } else {
      asked++;
    }
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ id, started, finished }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    points,
    asked: () => asked,
    start() {
      started = Date.now();
    },
    finish() {
      finished = Date.now();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
