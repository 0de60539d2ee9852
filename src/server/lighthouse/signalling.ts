/** The WebSockets of peers: they get an id, tell where they are, and reach each other before they are connected. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../core/clock.ts";
import { type LighthouseLimits, RateLimit } from "./limits.ts";
import { isPeerId, isToken, type LighthouseMessage, parsePeerMessage } from "./messages.ts";
import type { Connection, LighthousePeer, LighthousePeers } from "./peers.ts";

export const signallingPath = "/peerjs";
/** What the peer library presents; anything else speaks another protocol. */
const libraryKey = "peerjs";
/** RFC 6455, 7.4.1: the peer does what it may not. */
const policyViolation = 1008;
const goingAway = 1001;
const idTaken = "Another peer has this id";
const checkEveryMs = 1_000;
/** A close reason of a WebSocket has at most 123 bytes. */
const longestReason = 100;

export class Signalling implements Disposable {
  readonly #peers: LighthousePeers;
  readonly #limits: LighthouseLimits;
  readonly #clock: Clock;
  readonly #server: WebSocketServer;
  readonly #check: NodeJS.Timeout;

  constructor(peers: LighthousePeers, limits: LighthouseLimits, clock: Clock) {
    this.#peers = peers;
    this.#limits = limits;
    this.#clock = clock;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: limits.messageBytes,
      perMessageDeflate: false,
    });
    this.#check = setInterval(() => this.#disconnectSilent(), checkEveryMs);
  }

  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const query = new URL(request.url ?? "/", "http://lighthouse.invalid").searchParams;
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#accept(socket, query));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#check);
    for (const socket of this.#server.clients) {
      socket.close(goingAway);
      socket.terminate();
    }
    this.#server.close();
  }

  #accept(socket: WebSocket, query: URLSearchParams): void {
    // What follows is its end, which is heard of anyway.
    socket.on("error", () => {});
    const connection = connectionOf(socket, this.#limits.waitingBytes);
    const id = query.get("id") ?? this.#newId();
    const token = query.get("token") ?? "";
    const known = this.#peers.find(id);
    const msg = this.#whyRefused(query.get("key"), id, token);
    if (msg !== undefined) {
      connection.send({ type: msg === idTaken ? "ID-TAKEN" : "ERROR", payload: { msg } });
      connection.close(msg);
      return;
    }
    if (!query.has("id")) connection.send({ type: "ASSIGNED_ID", payload: { id } });
    // The same peer again: its islands and others' connections to it begin anew.
    if (known !== undefined) {
      this.#peers.remove(known);
      known.connection.close("The same peer connected again");
    }
    this.#serve(socket, this.#peers.add(id, token, connection, this.#clock.monotonicMs()));
  }

  #whyRefused(key: string | null, id: string, token: string): string | undefined {
    const known = this.#peers.find(id);
    if (key !== libraryKey) return "This is no key of this lighthouse";
    if (!isToken(token)) return "A token of at most 128 letters and digits is needed";
    if (!isPeerId(id)) return "An id has 1 to 64 of the characters that the library allows";
    if (known !== undefined) return known.token === token ? undefined : idTaken;
    const isFull = this.#peers.count >= this.#limits.peers;
    return isFull ? `This lighthouse takes ${this.#limits.peers} peers` : undefined;
  }

  #serve(socket: WebSocket, peer: LighthousePeer): void {
    const { messagesPerSec, messagesAtOnce } = this.#limits;
    const rate = new RateLimit(messagesPerSec, messagesAtOnce, this.#clock.monotonicMs());
    socket.on("close", () => this.#peers.remove(peer));
    socket.on("message", (data, isBinary) => {
      if (!rate.take(this.#clock.monotonicMs())) return peer.connection.close("Too many messages");
      if (!isBinary && socket.readyState === socket.OPEN) this.#receive(peer, String(data));
    });
    // What a wallet would sign. Without authentication, any reply is accepted.
    peer.connection.send({ type: "OPEN", payload: randomBytes(8).toString("hex") });
  }

  #receive(peer: LighthousePeer, text: string): void {
    const message = parsePeerMessage(text, this.#limits);
    if (message === undefined) return;
    if (message.type === "VALIDATION") {
      peer.isValidated = true;
      peer.connection.send({ type: "VALIDATION_OK" });
      return;
    }
    if (!peer.isValidated) return;
    if (message.type === "HEARTBEAT") {
      this.#peers.keepHeartbeat(peer, message, this.#clock.monotonicMs());
      return;
    }
    const { type, to, payload } = message;
    const other = this.#peers.find(to);
    if (other === undefined || !this.#peers.areInOneIsland(peer, other)) return;
    other.connection.send({ type, src: peer.id, dst: to, payload });
  }

  #newId(): string {
    return randomBytes(8).toString("hex");
  }

  #disconnectSilent(): void {
    const nowMs = this.#clock.monotonicMs();
    const { validationMs, silenceMs } = this.#limits;
    for (const { isValidated, lastHeartbeatMs, connection } of this.#peers.all) {
      const silentMs = nowMs - lastHeartbeatMs;
      if (!isValidated && silentMs > validationMs) connection.close("No validation came");
      else if (silentMs > silenceMs) connection.close("No heartbeat came");
    }
  }
}

function connectionOf(socket: WebSocket, waitingBytes: number): Connection {
  return {
    send(message: LighthouseMessage) {
      if (socket.readyState !== socket.OPEN) return;
      // It does not read: what waits for it would only grow.
      if (socket.bufferedAmount > waitingBytes) socket.terminate();
      else socket.send(JSON.stringify(message));
    },
    close: (reason) => socket.close(policyViolation, reason.slice(0, longestReason)),
  };
}
