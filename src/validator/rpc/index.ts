/** What a validator serves to others: CometBFT-shaped JSON-RPC, events, and metrics. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { BaleenError, describeError } from "../../core/errors.ts";
import type { Chain, ChainMetric } from "../engine/chain.ts";
import type { Log } from "../node/logging.ts";
import { formatMetrics } from "../node/metric.ts";
import type { Address } from "../wire/node-files.ts";
import { ClientQueue } from "./client-queue.ts";
import { plain, type Reply, send, serveHttp } from "./http.ts";
import { closeGraceMs, defaultRpcLimits, headLimitBytes, keepAliveMs, type RpcLimits } from "./limits.ts";
import { type RpcContext, Subscribers } from "./method.ts";
import { Portions } from "./portions.ts";
import { Scheduler } from "./scheduler.ts";
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
  const limits = { ...defaultRpcLimits, ...options.limits };
  const scheduler = new Scheduler(limits);
  let boundPort = port;
  const context: RpcContext = {
    chain,
    limits,
    subscribers: new Subscribers(),
    rpcAddress: () => `tcp://${host}:${boundPort}`,
    closing: closing.signal,
  };
  const webSockets = new WebSocketService(context, scheduler, log);
  const upgrade: Upgrade = (request, socket, head) => {
    socket.on("error", (error) => log("debug", "upgrade failed", { reason: error.message }));
    if (request.url?.split("?")[0] === "/websocket") webSockets.upgrade(request, socket, head);
    else socket.end(notFound, () => socket.destroy());
  };
  const server = openServer({ limits, scheduler, log, upgrade }, (queue) => {
    const client = { ...context, queue };
    return (request, response) => {
      if (request.method === "GET" && request.url === "/metrics") {
        reply(queue, response, () => metricsReply(metrics()));
      } else {
        serveHttp(client, request, response);
      }
    };
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
  const server = openServer(
    { limits, scheduler: new Scheduler(limits), log },
    (queue) => (request, response) => {
      const isKnown = request.method === "GET" && /^\/(metrics)?$/.test(request.url ?? "");
      reply(queue, response, () => (isKnown ? metricsReply(metrics()) : plain(404, "404 page not found")));
    },
  );
  const boundPort = await listen(server, { host, port });
  log("info", "metrics are served", { host, port: boundPort });
  return { port: boundPort, close: () => closeServer(server) };
}

interface ServerParts {
  readonly limits: RpcLimits;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** Takes connections that are to speak another protocol; left out where none may. */
  readonly upgrade?: Upgrade;
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** @param serveClient makes what serves the requests of one connection */
function openServer(
  { limits, scheduler, log, upgrade }: ServerParts,
  serveClient: (queue: ClientQueue) => Serve,
): Server {
  const { requestTimeoutMs, stallTimeoutMs, mostConnections } = limits;
  const clients = new WeakMap<Duplex, { readonly serve: Serve; readonly portions: Portions }>();
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: headLimitBytes,
  });
  server.timeout = stallTimeoutMs;
  server.maxConnections = mostConnections;
  server.on("connection", (socket) => {
    const queue = new ClientQueue(scheduler, socket, log);
    socket.once("close", () => queue.close());
    const portions = new Portions(socket, () => queue.isPaused);
    clients.set(socket, { serve: serveClient(queue), portions });
  });
  server.on("request", (request, response) => clients.get(request.socket)?.serve(request, response));
  if (upgrade !== undefined) {
    server.on("upgrade", (request, socket, head) => {
      const rest = clients.get(socket)?.portions.end() ?? Buffer.alloc(0);
      upgrade(request, socket, Buffer.concat([head, rest]));
    });
  }
  server.on("drop", () =>
    log("warn", "closed a new connection: the limit of open connections is reached", { mostConnections }),
  );
  return server;
}

function metricsReply(metrics: readonly ChainMetric[]): Reply {
  const body = formatMetrics(metrics);
  return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body };
}

function reply(queue: ClientQueue, response: ServerResponse, make: () => Reply): void {
  queue.serve(queue.enter(), () => {
    const made = make();
    send(response, made, queue.count(made.body.length));
  });
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
