import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { ChainBlock } from "../engine/consensus/ledger.ts";
import type { Log } from "../node/logging.ts";
import { RpcError } from "./error.ts";
import { answer, failureJson, parseRequest, type RpcRequest, successJson } from "./json-rpc.ts";
import { bodyLimitBytes, replyBacklogBytes, subscriptionLimit, unreadLimitBytes } from "./limits.ts";
import type { RpcContext, Subscribers } from "./method.ts";
import { readJsonArguments, text } from "./parameters.ts";
import { hex } from "./shapes.ts";
import { newBlockTail, parseTopic, type Topic, topicKey, transactionTail } from "./subscription.ts";

/** The node goes; RFC 6455, 7.4.1. */
const goingAway = 1001;

interface Subscription {
  readonly topic: Topic;
  /** Everything of an event before its tail. */
  readonly head: Buffer;
}

interface Client {
  readonly socket: WebSocket;
  /** What the socket runs over. */
  readonly stream: Duplex;
  readonly subscriptions: Map<string, Subscription>;
  heard: boolean;
  /** What must happen before the client is read from again: replies that take time, and a backlog to be read. */
  pending: number;
  isBacklogged: boolean;
}

/** Serves JSON-RPC and subscriptions over WebSocket. */
export class WebSocketService implements Disposable {
  readonly #context: RpcContext;
  readonly #log: Log;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: bodyLimitBytes });
  readonly #clients = new Set<Client>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #stopListening: () => void;

  constructor(context: RpcContext, log: Log) {
    this.#context = context;
    this.#log = log;
    this.#heartbeat = setInterval(() => this.#checkLife(), context.limits.pingPeriodMs);
    this.#stopListening = context.chain.onBlock((block) => this.#publish(block));
  }

  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#accept(socket, stream));
  }

  /** Tells every client good-bye once its replies are on their way. */
  close(): void {
    for (const client of this.#clients) if (client.pending === 0) client.socket.close(goingAway);
    this.#server.close();
  }

  /** Ends every connection that is left. */
  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
    this.#stopListening();
    for (const { socket } of this.#clients) socket.terminate();
  }

  #accept(socket: WebSocket, stream: Duplex): void {
    const subscriptions = new Map<string, Subscription>();
    const client: Client = { socket, stream, subscriptions, heard: true, pending: 0, isBacklogged: false };
    const hear = () => {
      client.heard = true;
    };
    this.#clients.add(client);
    socket.on("ping", hear);
    socket.on("pong", hear);
    socket.on("message", (data) => {
      hear();
      // Of what had come before the socket was hung up on, nothing more is carried out.
      if (socket.readyState === socket.OPEN) this.#receive(data.toString(), client);
    });
    socket.on("error", (error) => this.#log("debug", "WebSocket client failed", { reason: error.message }));
    socket.on("close", () => {
      this.#clients.delete(client);
      if (client.subscriptions.size > 0) this.#context.subscribers.leave();
    });
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
    if (typeof reply === "string") this.#reply(client, reply);
    if (!(reply instanceof Promise)) return;
    const release = this.#hold(client);
    void reply.then((text) => this.#reply(client, text, release));
  }

  /** No reply goes out before what it acknowledges is in the log. */
  #reply(client: Client, text: string, sent = () => {}): void {
    this.#context.chain.whenLogged(() => {
      this.#send(client, text);
      sent();
      if (client.isBacklogged || client.stream.writableLength <= replyBacklogBytes) return;
      client.isBacklogged = true;
      const release = this.#hold(client);
      client.stream.once("drain", () => {
        client.isBacklogged = false;
        release();
      });
    });
  }

  /** Reads nothing more from a client until the returned function is called. */
  #hold(client: Client): () => void {
    if (client.pending++ === 0) client.socket.pause();
    return () => {
      if (--client.pending > 0) return;
      if (this.#context.closing.aborted) client.socket.close(goingAway);
      else client.socket.resume();
    };
  }

  #answer(message: string, client: Client): string | undefined | Promise<string> {
    let request: RpcRequest | undefined;
    try {
      request = parseRequest(message);
      if (request === undefined) return undefined;
      const own = subscriptionMethods.get(request.method);
      if (own === undefined) return answer(this.#context, request, "internal");
      own(client, request, this.#context.subscribers);
      return successJson(request.id, "{}");
    } catch (error) {
      return failureJson(request?.id, error);
    }
  }

  /** A block is encoded once, whoever listens, and so are the hashes of its transactions. */
  #publish(block: ChainBlock): void {
    let blockTail: Buffer | undefined;
    let hashes: readonly string[] | undefined;
    for (const client of this.#clients) {
      for (const { topic, head } of client.subscriptions.values()) {
        if (topic.event === "NewBlock") {
          blockTail ??= newBlockTail(this.#context.chain, block);
          this.#send(client, Buffer.concat([head, blockTail]));
          continue;
        }
        hashes ??= block.transactionKeys.map((key) => hex(Buffer.from(key, "latin1")));
        hashes.forEach((hash, index) => {
          if (topic.hash !== undefined && topic.hash !== hash) return;
          this.#send(client, Buffer.concat([head, transactionTail(block, index, hash)]));
        });
      }
    }
  }

  #send({ socket }: Client, data: string | Buffer): void {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(data, { binary: false });
    const unreadBytes = socket.bufferedAmount;
    if (unreadBytes <= unreadLimitBytes) return;
    this.#log("warn", "disconnected a WebSocket client that reads too slowly", { unreadBytes });
    socket.terminate();
  }
}

type SubscriptionMethod = (client: Client, request: RpcRequest, subscribers: Subscribers) => void;

/**
 * Served over WebSocket alone. Bounds are looked at first, as in CometBFT: also a client that has a subscription already
 * is refused one more.
 */
const ownMethods: Readonly<Record<string, SubscriptionMethod>> = {
  subscribe: ({ subscriptions }, { id, params }, subscribers) => {
    const query = readQuery(params);
    subscribers.check();
    if (subscriptions.size >= subscriptionLimit) {
      throw new RpcError("internal", `max_subscriptions_per_client ${subscriptionLimit} reached`);
    }
    const topic = parseTopic(query);
    const key = topicKey(topic);
    if (subscriptions.has(key)) throw new RpcError("internal", "already subscribed");
    if (subscriptions.size === 0) subscribers.enter();
    const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"query":${JSON.stringify(query)},`;
    subscriptions.set(key, { topic, head: Buffer.from(head) });
  },
  unsubscribe: ({ subscriptions }, { params }, subscribers) => {
    const found = subscriptions.delete(topicKey(parseTopic(readQuery(params))));
    if (!found) throw new RpcError("internal", "subscription not found");
    if (subscriptions.size === 0) subscribers.leave();
  },
  unsubscribe_all: ({ subscriptions }, _request, subscribers) => {
    if (subscriptions.size === 0) throw new RpcError("internal", "subscription not found");
    subscriptions.clear();
    subscribers.leave();
  },
};

export const subscriptionMethods = new Map(Object.entries(ownMethods));

const queryParameter = text("query");

function readQuery(params: unknown): string {
  return String(readJsonArguments([queryParameter], params, "internal")[0]);
}
