/** A real service with a log of transactions, which can be asked for them, and which sends them over WebSockets. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";

export interface Entry {
  readonly at: number;
  readonly texts: readonly string[];
}

export class LogService {
  /** Positions rise; there may be gaps. */
  readonly entries: Entry[] = [];
  /** Requests that came, "GET /head". */
  readonly asked: string[] = [];
  /** Most requests that were under way at once. */
  mostAtOnce = 0;
  /** Answers all requests in its place, while it is there. */
  answer: ((response: ServerResponse) => void) | undefined;
  port = 0;
  readonly #server = createServer((request, response) => this.#reply(request, response));
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #sockets = new Set<Socket>();
  /** Subscribed, from which position on. */
  readonly #subscribed = new Set<WebSocket>();
  #atOnce = 0;

  constructor() {
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#welcome(webSocket)),
    );
  }

  async listen(port = 0): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections, and takes none until it listens again. */
  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  /** Ends all subscriptions, and keeps the connections. */
  cancel(): void {
    this.#subscribed.clear();
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  get head(): number {
    return this.entries.at(-1)?.at ?? 0;
  }

  get subscribers(): number {
    return this.#subscribed.size;
  }

  commit(...texts: readonly string[]): void {
    this.commitAt(this.head + 1, ...texts);
  }

  commitAt(at: number, ...texts: readonly string[]): void {
    const entry = { at, texts };
    this.entries.push(entry);
    for (const subscriber of this.#subscribed) sendEntry(subscriber, entry);
  }

  /** Sends a message to all subscribers. */
  say(message: unknown): void {
    for (const subscriber of this.#subscribed) subscriber.send(JSON.stringify(message));
  }

  #reply(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://service");
    this.asked.push(`${request.method} ${url.pathname}`);
    this.#atOnce++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    response.on("close", () => this.#atOnce--);
    if (this.answer !== undefined) {
      this.answer(response);
      return;
    }
    const found = this.#find(url);
    response.statusCode = found === undefined ? 404 : 200;
    response.end(JSON.stringify(found ?? { error: "nothing there" }));
  }

  #find(url: URL): unknown {
    if (url.pathname === "/head") return { at: this.head };
    if (url.pathname === "/log") {
      const from = Number(url.searchParams.get("from"));
      const items = this.entries.filter(({ at }) => at >= from);
      return { items: items.flatMap(({ at, texts }) => texts.map((text) => ({ at: String(at), text }))) };
    }
    const at = /^\/blocks\/(\d+)$/.exec(url.pathname)?.[1];
    return this.entries.find((entry) => entry.at === Number(at));
  }

  #welcome(webSocket: WebSocket): void {
    webSocket.on("error", () => {});
    webSocket.on("close", () => this.#subscribed.delete(webSocket));
    webSocket.on("message", (data) => {
      const { from } = JSON.parse((data as Buffer).toString()) as { readonly from?: number };
      this.#subscribed.add(webSocket);
      webSocket.send(JSON.stringify({ kind: "welcome" }));
      if (from === undefined) return;
      for (const entry of this.entries.filter(({ at }) => at >= from)) sendEntry(webSocket, entry);
    });
  }
}

function sendEntry(webSocket: WebSocket, { at, texts }: Entry): void {
  webSocket.send(JSON.stringify({ kind: "block", at, items: texts.map((text) => ({ text })) }));
}

/** Runs until the test ends. */
export async function startLogService(): Promise<LogService> {
  const service = new LogService();
  await service.listen();
  onTestFinished(() => service.stop().catch(() => {}));
  return service;
}
