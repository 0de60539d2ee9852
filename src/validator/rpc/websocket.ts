import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Log } from "../logging.ts";
import { RpcError } from "./error.ts";
import type { FeedBlock } from "./feed.ts";
import { bodyLimitBytes } from "./http.ts";
import { answer, failureJson, parseJson, type RequestId, readRequest, successJson } from "./json-rpc.ts";
import type { RpcContext } from "./method.ts";
import { readJsonArguments, text } from "./parameters.ts";
import { newBlockTail, parseTopic, type Topic, topicKey, transactionTail } from "./subscription.ts";

/** CometBFT's max_subscription_clients and max_subscriptions_per_client. */
const clientLimit = 100;
const subscriptionLimit = 5;
/** A subscriber that leaves more than this unread, in bytes, is hung up on. */
const unreadLimitBytes = 64 * 2 ** 20;
/** As CometBFT: a client that neither sends nor answers a ping in a whole period is hung up on. */
const pingPeriodMs = 27_000;

interface Subscription {
  readonly topic: Topic;
  /** Everything of an event before its tail. */
  readonly head: Buffer;
}

interface Client {
  readonly socket: WebSocket;
  readonly subscriptions: Map<string, Subscription>;
  heard: boolean;
  /** Requests whose answer takes time; while there are any, the client is not read from. */
  pending: number;
}

/** Serves JSON-RPC and subscriptions over WebSocket. */
export class WebSocketService {
  readonly #context: RpcContext;
  readonly #log: Log;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: bodyLimitBytes });
  readonly #clients = new Set<Client>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #stopListening: () => void;

  constructor(context: RpcContext, log: Log) {
    this.#context = context;
    this.#log = log;
    this.#heartbeat = setInterval(() => this.#checkLife(), pingPeriodMs);
    this.#stopListening = context.feed.listen((news) => this.#publish(news));
  }

  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => this.#accept(client));
  }

  /** Ends every connection. */
  close(): void {
    clearInterval(this.#heartbeat);
    this.#stopListening();
    for (const { socket } of this.#clients) socket.terminate();
    this.#server.close();
  }

  #accept(socket: WebSocket): void {
    const client: Client = { socket, subscriptions: new Map(), heard: true, pending: 0 };
    const hear = () => {
      client.heard = true;
    };
    this.#clients.add(client);
    socket.on("ping", hear);
    socket.on("pong", hear);
    socket.on("message", (data) => {
      hear();
      this.#receive(data.toString(), client);
    });
    socket.on("error", (error) => this.#log("debug", "WebSocket client failed", { reason: error.message }));
    socket.on("close", () => this.#clients.delete(client));
  }

  #checkLife(): void {
    for (const client of this.#clients) {
      if (!client.heard) client.socket.terminate();
      client.heard = false;
      client.socket.ping();
    }
  }

  #receive(message: string, client: Client): void {
    const reply = this.#answer(message, client);
    if (!(reply instanceof Promise)) {
      if (reply !== undefined) this.#send(client, reply);
      return;
    }
    client.pending++;
    client.socket.pause();
    void reply.then((awaited) => {
      this.#send(client, awaited);
      if (--client.pending === 0) client.socket.resume();
    });
  }

  #answer(message: string, client: Client): string | undefined | Promise<string> {
    let id: RequestId | undefined;
    try {
      const parsed = parseJson(message);
      const request = readRequest(parsed);
      id = request?.id;
      const own = request && subscriptionMethods.get(request.method);
      if (request === undefined || own === undefined) return answer(this.#context, parsed);
      const subscribers = [...this.#clients].filter(({ subscriptions }) => subscriptions.size > 0).length;
      own(client, { id: request.id, params: request.params, subscribers });
      return successJson(request.id, "{}");
    } catch (error) {
      return failureJson(id, error);
    }
  }

  /** A block is encoded once, whoever listens. */
  #publish(news: FeedBlock): void {
    let blockTail: Buffer | undefined;
    for (const client of this.#clients) {
      for (const { topic, head } of client.subscriptions.values()) {
        if (topic.event === "NewBlock") {
          blockTail ??= newBlockTail(this.#context.chain, news);
          this.#send(client, Buffer.concat([head, blockTail]));
          continue;
        }
        news.transactionHashes().forEach((hash, index) => {
          if (topic.hash !== undefined && topic.hash !== hash) return;
          this.#send(client, Buffer.concat([head, transactionTail(news, index)]));
        });
      }
    }
  }

  #send({ socket }: Client, data: string | Buffer): void {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(data, { binary: false });
    const unreadBytes = socket.bufferedAmount;
    if (unreadBytes <= unreadLimitBytes) return;
    this.#log("warn", "a WebSocket client reads too slowly; hung up on it", { unreadBytes });
    socket.terminate();
  }
}

interface SubscriptionCall {
  readonly id: RequestId;
  readonly params: unknown;
  /** Clients that hold a subscription already. */
  readonly subscribers: number;
}

type SubscriptionMethod = (client: Client, call: SubscriptionCall) => void;

const ownMethods: Readonly<Record<string, SubscriptionMethod>> = {
  subscribe: ({ subscriptions }, { id, params, subscribers }) => {
    const query = readQuery(params);
    const topic = parseTopic(query);
    const key = topicKey(topic);
    if (subscriptions.has(key)) throw new RpcError("internal", "already subscribed");
    if (subscriptions.size >= subscriptionLimit) {
      throw new RpcError("internal", `max_subscriptions_per_client ${subscriptionLimit} reached`);
    }
    if (subscriptions.size === 0 && subscribers >= clientLimit) {
      throw new RpcError("internal", `max_subscription_clients ${clientLimit} reached`);
    }
    const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"query":${JSON.stringify(query)},`;
    subscriptions.set(key, { topic, head: Buffer.from(head) });
  },
  unsubscribe: ({ subscriptions }, { params }) => {
    const found = subscriptions.delete(topicKey(parseTopic(readQuery(params))));
    if (!found) throw new RpcError("internal", "subscription not found");
  },
  unsubscribe_all: ({ subscriptions }) => {
    if (subscriptions.size === 0) throw new RpcError("internal", "subscription not found");
    subscriptions.clear();
  },
};

const subscriptionMethods = new Map(Object.entries(ownMethods));

const queryParameter = text("query");

function readQuery(params: unknown): string {
  return String(readJsonArguments([queryParameter], params)[0]);
}
