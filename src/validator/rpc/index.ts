/** What a validator serves to others: CometBFT-shaped JSON-RPC, events, and metrics. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BaleenError, describeError } from "../../core/errors.ts";
import type { Chain, ChainMetric } from "../engine/chain.ts";
import type { Log } from "../node/logging.ts";
import { formatMetrics } from "../node/metric.ts";
import type { Address } from "../wire/node-files.ts";
import { plain, type Reply, send, serveHttp } from "./http.ts";
import { closeGraceMs, defaultRpcLimits, headLimitBytes, keepAliveMs, type RpcLimits } from "./limits.ts";
import { type RpcContext, Subscribers } from "./method.ts";
import { WebSocketService } from "./websocket.ts";

/** Listens on a port; 0: any free one. */
export interface ServerOptions extends Address {
  readonly chain: Chain;
  readonly log: Log;
  /** What /metrics tells; the chain's own figures unless said otherwise. */
  readonly metrics?: () => readonly ChainMetric[];
  readonly limits?: Partial<RpcLimits>;
}

export interface RunningServer {
  readonly port: number;
  /** Stops listening, answers what is under way, ends every connection, and resolves when all are gone. */
  readonly close: () => Promise<void>;
}

/** Those who watch a node, and nobody else. */
const mostMetricsConnections = 100;
const notFound = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/**
 * Serves a chain: JSON-RPC by POST /, GET /method?arg=, WebSocket at /websocket, and GET /metrics.
 *
 * @throws BaleenError "listen" where it cannot listen there
 */
export async function startRpcServer(options: ServerOptions): Promise<RunningServer> {
  const { chain, host, port, log, metrics = chain.metrics } = options;
  const closing = new AbortController();
  let boundPort = port;
  const context: RpcContext = {
    chain,
    limits: { ...defaultRpcLimits, ...options.limits },
    subscribers: new Subscribers(),
    rpcAddress: () => `tcp://${host}:${boundPort}`,
    closing: closing.signal,
  };
  const webSockets = new WebSocketService(context, log);
  const server = openServer(context.limits, log);
  server.on("request", (request, response) => {
    if (request.method === "GET" && request.url === "/metrics") send(response, metricsReply(metrics()));
    else serveHttp(context, request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", (error) => log("debug", "upgrade failed", { reason: error.message }));
    if (request.url?.split("?")[0] === "/websocket") webSockets.upgrade(request, socket, head);
    else socket.end(notFound, () => socket.destroy());
  });
  try {
    boundPort = await listen(server, { host, port });
  } catch (error) {
    webSockets[Symbol.dispose]();
    throw error;
  }
  log("info", "RPC is served", { host, port: boundPort });
  return {
    port: boundPort,
    close: async () => {
      closing.abort();
      await new Promise<void>((logged) => chain.whenLogged(logged));
      webSockets.close();
      await closeServer(server, () => webSockets[Symbol.dispose]());
      webSockets[Symbol.dispose]();
    },
  };
}

/**
 * Serves the chain's figures to Prometheus, at /metrics (and /).
 *
 * @throws BaleenError "listen" where it cannot listen there
 */
export async function startMetricsServer(options: ServerOptions): Promise<RunningServer> {
  const { chain, host, port, log, metrics = chain.metrics } = options;
  const limits = { ...defaultRpcLimits, mostConnections: mostMetricsConnections, ...options.limits };
  const server = openServer(limits, log);
  server.on("request", (request, response) => {
    request.resume();
    const known = request.method === "GET" && /^\/(metrics)?$/.test(request.url ?? "");
    send(response, known ? metricsReply(metrics()) : plain(404, "404 page not found"));
  });
  const boundPort = await listen(server, { host, port });
  log("info", "metrics are served", { host, port: boundPort });
  return { port: boundPort, close: () => closeServer(server) };
}

function openServer({ requestTimeoutMs, stallTimeoutMs, mostConnections }: RpcLimits, log: Log): Server {
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: headLimitBytes,
  });
  server.timeout = stallTimeoutMs;
  server.maxConnections = mostConnections;
  server.on("drop", () =>
    log("warn", "closed a new connection: the limit of open connections is reached", { mostConnections }),
  );
  return server;
}

function metricsReply(metrics: readonly ChainMetric[]): Reply {
  const body = formatMetrics(metrics);
  return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body };
}

function listen(server: Server, { host, port }: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    // Stays: a later error (no file descriptor left for a new connection) must not end the process.
    server.on("error", (cause) => {
      const failure = `Cannot listen on ${host}:${port}: ${describeError(cause)}.`;
      reject(new BaleenError("listen", `${failure} Choose another address, or free this one.`, { cause }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Idle connections end at once, the others with the reply that is under way, and all within the grace.
 *
 * @param cutOthers ends the connections that the server has handed on
 */
function closeServer(server: Server, cutOthers = () => {}): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
      cutOthers();
    }, closeGraceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}
