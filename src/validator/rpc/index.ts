/** What a validator serves to others: CometBFT-shaped JSON-RPC, events, and metrics. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BaleenError, describeError } from "../../core/errors.ts";
import type { Chain } from "../chain.ts";
import type { Log } from "../logging.ts";
import { openBlockFeed } from "./feed.ts";
import { plain, type Reply, send, serveHttp } from "./http.ts";
import type { RpcContext } from "./method.ts";
import { formatMetrics } from "./metrics.ts";
import { WebSocketService } from "./websocket.ts";

export interface ServerOptions {
  readonly chain: Chain;
  /** Address to listen on. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly log: Log;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Stops listening, ends every connection, and resolves when all are gone. */
  readonly close: () => Promise<void>;
}

/** The address cannot be listened on. */
export class ListenError extends BaleenError {
  readonly host: string;
  readonly port: number;

  constructor(address: { host: string; port: number }, options: { cause: unknown }) {
    const { host, port } = address;
    super(
      "listen",
      `Cannot listen on ${host}:${port}: ${describeError(options.cause)}. Choose another address, or end what holds it.`,
      options,
    );
    this.host = host;
    this.port = port;
  }
}

/** A client that takes longer to send one request is cut off. */
const requestTimeoutMs = 30_000;
/** Longer than clients keep idle connections, so that the server does not hang up on a request under way. */
const keepAliveMs = 75_000;
const connectionLimit = 10_000;
const notFound = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/**
 * Serves a chain: JSON-RPC by POST /, GET /method?arg=, WebSocket at /websocket, and GET /metrics.
 *
 * @throws ListenError
 */
export async function startRpcServer({ chain, host, port, log }: ServerOptions): Promise<RunningServer> {
  const feed = openBlockFeed(chain);
  const closing = new AbortController();
  let boundPort = port;
  const context: RpcContext = {
    chain,
    feed,
    rpcAddress: () => `tcp://${host}:${boundPort}`,
    closing: closing.signal,
  };
  const webSockets = new WebSocketService(context, log);
  const server = createServer({ requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveMs });
  server.on("request", (request, response) => {
    if (request.method === "GET" && request.url === "/metrics") send(response, metricsReply(chain));
    else serveHttp(context, request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", (error) => log("debug", "upgrade failed", { reason: error.message }));
    if (request.url?.split("?")[0] === "/websocket") webSockets.upgrade(request, socket, head);
    else socket.end(notFound, () => socket.destroy());
  });
  const end = () => {
    closing.abort();
    webSockets.close();
    feed.close();
  };
  try {
    boundPort = await listen(server, { host, port });
  } catch (error) {
    end();
    throw error;
  }
  log("info", "RPC is served", { host, port: boundPort });
  return {
    port: boundPort,
    close: () => {
      end();
      return closeServer(server);
    },
  };
}

/**
 * Serves the chain's figures to Prometheus, at /metrics (and /).
 *
 * @throws ListenError
 */
export async function startMetricsServer({ chain, host, port, log }: ServerOptions): Promise<RunningServer> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    request.resume();
    const known = request.method === "GET" && /^\/(metrics)?$/.test(request.url ?? "");
    send(response, known ? metricsReply(chain) : plain(404, "404 page not found"));
  });
  const boundPort = await listen(server, { host, port });
  log("info", "metrics are served", { host, port: boundPort });
  return { port: boundPort, close: () => closeServer(server) };
}

function metricsReply(chain: Chain): Reply {
  const body = formatMetrics(chain.metrics());
  return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body };
}

function listen(server: Server, address: { host: string; port: number }): Promise<number> {
  server.maxConnections = connectionLimit;
  return new Promise((resolve, reject) => {
    // Stays: a later error (no file descriptor left for a new connection) must not end the process.
    server.on("error", (error) => reject(new ListenError(address, { cause: error })));
    server.listen(address.port, address.host, () => resolve((server.address() as AddressInfo).port));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
