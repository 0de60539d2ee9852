/** The library's own WebSocket adapters, bounded, and with their traffic counted by peer. */
import type { PeerId } from "@automerge/automerge-repo/slim";
import { WebSocketClientAdapter, WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { type WebSocket, WebSocketServer } from "ws";
import type { StoreOptions } from "./store.ts";

/** Largest message of another peer that is read, bytes. */
const largestMessageBytes = 32 * 1024 * 1024;
const mostSockets = 512;
/** State of a WebSocket that can send. */
const OPEN = 1;

interface Counters {
  sentBytes: number;
  receivedBytes: number;
}

/** Bytes of the library's messages, by peer, since the start. */
export class Meter {
  readonly #peers = new Map<string, Counters>();

  of(peer: string): Counters {
    const known = this.#peers.get(peer);
    if (known !== undefined) return known;
    const counters = { sentBytes: 0, receivedBytes: 0 };
    this.#peers.set(peer, counters);
    return counters;
  }

  get peers(): ReadonlyMap<string, Readonly<Counters>> {
    return this.#peers;
  }
}

const sizeOf = (data: unknown) => (data as { readonly byteLength?: number }).byteLength ?? 0;

const confirmEveryMs = 200;

/**
 * Counts what is sent on a connection once the other end has confirmed it. Frames keep their order, so the answer to a
 * ping says that all before it has come; what was sent into a connection that broke counts for nothing.
 */
function countConfirmed(socket: WebSocket, count: (bytes: number) => void): void {
  let [sent, confirmed] = [0, 0];
  const send = socket.send.bind(socket) as (...values: unknown[]) => void;
  socket.send = ((...values: unknown[]) => {
    sent += sizeOf(values[0]);
    send(...values);
  }) as typeof socket.send;
  const asking = setInterval(() => {
    if (socket.readyState === OPEN && sent > confirmed) socket.ping(String(sent));
  }, confirmEveryMs);
  asking.unref();
  socket.on("pong", (data) => {
    const bytes = Number(data.toString());
    // The library's own pings carry nothing.
    if (!(bytes > confirmed && bytes <= sent)) return;
    count(bytes - confirmed);
    confirmed = bytes;
  });
  socket.on("close", () => clearInterval(asking));
}

/** Takes connections of others. */
export class CountedServer extends WebSocketServerAdapter {
  readonly #meter: Meter;
  readonly #accepts: StoreOptions["accepts"];

  constructor(server: WebSocketServer, { meter, accepts, heartbeatMs }: AdapterOptions) {
    super(server as never, heartbeatMs);
    this.#meter = meter;
    this.#accepts = accepts;
    server.on("connection", (socket) => {
      if (server.clients.size > mostSockets) {
        socket.terminate();
        return;
      }
      // A broken frame ends its connection, and nothing else.
      socket.on("error", () => socket.terminate());
      countConfirmed(socket, (bytes) => {
        const peer = this.#peerOf(socket);
        if (peer !== undefined) this.#meter.of(peer).sentBytes += bytes;
      });
    });
  }

  // It takes connections at once. The library's own counts as ready when somebody has connected, and until then no
  // document is asked for.
  override isReady(): boolean {
    return true;
  }

  override async whenReady(): Promise<void> {}

  override receiveMessage(bytes: Uint8Array, socket: WebSocket): void {
    super.receiveMessage(bytes, socket as never);
    const peer = this.#peerOf(socket);
    if (peer === undefined) return;
    if (!this.#accepts(peer)) socket.terminate();
    else this.#meter.of(peer).receivedBytes += bytes.length;
  }

  #peerOf(socket: WebSocket): string | undefined {
    return Object.entries(this.sockets).find(([, own]) => (own as unknown) === socket)?.[0];
  }
}

/** Keeps one connection to another peer. */
export class CountedClient extends WebSocketClientAdapter {
  readonly #meter: Meter;

  constructor(url: string, { meter, heartbeatMs }: AdapterOptions) {
    super(url, heartbeatMs);
    this.#meter = meter;
    // The library's own throws what a network may do at any time; it closes, and is tried again.
    this.onError = () => {};
  }

  override connect(peerId: PeerId, metadata?: Parameters<WebSocketClientAdapter["connect"]>[1]): void {
    super.connect(peerId, metadata);
    const { socket } = this;
    if (socket === undefined) return;
    countConfirmed(socket as unknown as WebSocket, (bytes) => {
      if (this.remotePeerId !== undefined) this.#meter.of(this.remotePeerId).sentBytes += bytes;
    });
  }

  override send(message: Parameters<WebSocketClientAdapter["send"]>[0]): void {
    // The library throws here in the middle of a change, which would leave the document unusable. What is not sent on a
    // connection that closes is sent on the next.
    if (this.socket !== undefined && this.socket.readyState !== OPEN) return;
    super.send(message);
  }

  override receiveMessage(bytes: Uint8Array): void {
    super.receiveMessage(bytes);
    if (this.remotePeerId !== undefined) {
      this.#meter.of(this.remotePeerId).receivedBytes += sizeOf(bytes);
    }
  }
}

export interface AdapterOptions extends Pick<StoreOptions, "accepts" | "heartbeatMs"> {
  readonly meter: Meter;
}

/** Listens, bounded in what a peer can send. */
export async function listen({ host, port }: StoreOptions["listen"]): Promise<WebSocketServer> {
  const server = new WebSocketServer({
    host,
    port,
    maxPayload: largestMessageBytes,
    perMessageDeflate: false,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  return server;
}
