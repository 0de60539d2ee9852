/** An HTTP server that replies to batches as a test wants, well-formed or not. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export interface BatchRequest {
  readonly bodies: readonly { readonly id: number }[];
  /** The body as it came. */
  readonly text: string;
  readonly socket: Socket;
  /** Counts requests of the server, from 0. */
  readonly index: number;
  readonly reply: (body: string, status?: number) => void;
}

export interface BatchServer extends AsyncDisposable {
  readonly port: number;
  /** Transactions in each request. */
  readonly sizes: readonly number[];
  readonly sockets: ReadonlySet<Socket>;
}

export async function startBatchServer(
  answer: (request: BatchRequest) => void,
  certified?: { readonly key: string; readonly cert: string },
): Promise<BatchServer> {
  const sizes: number[] = [];
  const sockets = new Set<Socket>();
  const serve: RequestListener = (request, response) => {
    // What is asked before the load, whether several requests are answered.
    if (request.method === "GET") {
      response.end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const bodies = JSON.parse(text) as { id: number }[];
      const reply = (body: string, status = 200) => {
        response.writeHead(status, {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        });
        response.end(body);
      };
      answer({ bodies, text, socket: request.socket, index: sizes.push(bodies.length) - 1, reply });
    });
  };
  const server = certified === undefined ? createServer(serve) : createTlsServer(certified, serve);
  server.on("tlsClientError", () => {});
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    sizes,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
