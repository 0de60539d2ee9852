import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { ChainBlock } from "../engine/consensus/ledger.ts";
import type { Log } from "../node/logging.ts";
import { ClientQueue } from "./client-queue.ts";
import { RpcError } from "./error.ts";
import { answer, failureJson, parseRequest, type RpcRequest, successJson } from "./json-rpc.ts";
import { bodyLimitBytes, subscriptionLimit } from "./limits.ts";
import type { ClientContext, RpcContext, Subscribers } from "./method.ts";
import { readJsonArguments, text } from "./parameters.ts";
import type { Scheduler } from "./scheduler.ts";
import { BlockEvents, parseTopic, type Topic, topicKey } from "./subscription.ts";

/** The node goes; RFC 6455, 7.4.1. */
const goingAway = 1001;
/** Of a client's ping or pong: two bytes, and the mask. */
const controlHeadBytes = 6;

interface Subscription {
  readonly topic: Topic;
  /** Everything of an event before its tail. */
  readonly head: Buffer;
}

interface Client extends ClientContext {
  readonly socket: WebSocket;
  /** What the socket runs over. */
  readonly stream: Duplex;
  readonly subscriptions: Map<string, Subscription>;
  heard: boolean;
}

/** Serves JSON-RPC and subscriptions over WebSocket. */
export class WebSocketService implements Disposable {
  readonly #context: RpcContext;
  readonly #scheduler: Scheduler;
  readonly #log: Log;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: bodyLimitBytes });
  readonly #clients = new Set<Client>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #stopListening: () => void;
  /** Committed in this turn of the event loop. */
  #unpublished: ChainBlock[] = [];

  constructor(context: RpcContext, scheduler: Scheduler, log: Log) {
    this.#context = context;
    this.#scheduler = scheduler;
    this.#log = log;
    this.#heartbeat = setInterval(() => this.#checkLife(), context.limits.pingPeriodMs);
    this.#stopListening = context.chain.onBlock((block) => {
      if (this.#unpublished.push(block) === 1) setImmediate(() => this.#publish());
    });
  }

  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#accept(socket, stream));
  }

  /** Tells every client good-bye once its replies are on their way. */
  close(): void {
    for (const client of this.#clients) this.#closeIdle(client);
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
    const connection = {
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      destroy: () => socket.terminate(),
    };
    const queue = new ClientQueue(this.#scheduler, connection, this.#log);
    const client: Client = { ...this.#context, queue, socket, stream, subscriptions, heard: true };
    const hear = () => {
      client.heard = true;
    };
    /** Of a message that is not whole yet. */
    let partialBytes = 0;
    const count = (bytes: number) => {
      const change = Math.max(bytes, -partialBytes);
      partialBytes += change;
      queue.countRequest(change);
    };
    const hearControl = (data: Buffer) => {
      hear();
      count(-controlHeadBytes - data.length);
    };
    this.#clients.add(client);
    // Before what makes messages of it.
    stream.prependListener("data", (chunk: Buffer) => count(chunk.length));
    socket.on("ping", (data) => {
      hearControl(data);
      // Each has been answered.
      if (!stream.writableNeedDrain || socket.isPaused) return;
      socket.pause();
      stream.once("drain", () => socket.resume());
    });
    socket.on("pong", hearControl);
    socket.on("message", (data) => {
      hear();
      const text = data.toString();
      const place = queue.enter();
      place.bytes = text.length;
      count(text.length - partialBytes);
      partialBytes = 0;
      queue.serve(place, () => this.#receive(text, client));
    });
    socket.on("error", (error) => this.#log("debug", "WebSocket client failed", { reason: error.message }));
    socket.on("close", () => {
      this.#clients.delete(client);
      queue.close();
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
    const goOn = client.queue.suspend();
    void reply.then((text) => {
      this.#reply(client, text);
      goOn();
      if (this.#context.closing.aborted) this.#context.chain.whenLogged(() => this.#closeIdle(client));
    });
  }

  /** No reply goes out before what it acknowledges is in the log. */
  #reply(client: Client, text: string): void {
    const delivery = client.queue.count(text.length);
    this.#context.chain.whenLogged(() => {
      client.socket.send(text, delivery?.ended);
    });
  }

  #closeIdle({ queue, socket }: Client): void {
    if (queue.isIdle) socket.close(goingAway);
  }

  #answer(message: string, client: Client): string | undefined | Promise<string> {
    let request: RpcRequest | undefined;
    try {
      request = parseRequest(message);
      if (request === undefined) return undefined;
      const own = subscriptionMethods.get(request.method);
      if (own === undefined) return answer(client, request, "internal");
      own(client, request, this.#context.subscribers);
      return successJson(request.id, "{}");
    } catch (error) {
      return failureJson(request?.id, error);
    }
  }

  /** In one write for each client, and not in the middle of a step: other validators wait for that. */
  #publish(): void {
    const blocks = this.#unpublished.map((block) => new BlockEvents(this.#context.chain, block));
    this.#unpublished = [];
    for (const client of this.#clients) {
      client.stream.cork();
      for (const events of blocks) {
        for (const subscription of client.subscriptions.values()) sendEvents(client, subscription, events);
      }
      client.stream.uncork();
    }
  }
}

/** In two fragments each, so that the second is in memory once for all clients. */
function sendEvents({ queue, socket }: Client, { topic, head }: Subscription, events: BlockEvents): void {
  const { tails, shared } = events.of(topic);
  if (tails.length === 0) return;
  const sent = queue.hold(head.length * tails.length, shared);
  tails.forEach((tail, index) => {
    socket.send(head, { binary: false, fin: false });
    socket.send(tail, { binary: false, fin: true }, index === tails.length - 1 ? sent : undefined);
  });
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
