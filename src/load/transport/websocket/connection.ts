import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { ByteRange, WebSocketSubmission } from "../../../contracts/protocol.ts";
import { sendFailure } from "../failure.ts";
import { Awaited } from "../pool/awaited.ts";
import type { Connection, ConnectionEvents } from "../pool/connection.ts";
import { openSocket } from "../pool/socket.ts";
import type { SendFailure, TransportRequest } from "../transport.ts";
import { buildFrame, closeCode, FrameReader, opcodes } from "./frames.ts";
import { buildHandshake, handshakeCode, readHandshake } from "./handshake.ts";
import type { Messages } from "./messages.ts";

/** Replies are short; what is longer comes from no node. */
const largestReplyBytes = 2 ** 20;
/** Of so many replies that look usual one is read in full all the same. */
const sampledEvery = 1024;
const nothing = Buffer.alloc(0);

export interface WebSocketTerms {
  readonly request: TransportRequest;
  readonly submission: WebSocketSubmission;
  readonly messages: Messages;
}

/** One WebSocket, on which messages go out in order and replies are known by their ids. */
export class WebSocketConnection implements Connection {
  readonly #terms: WebSocketTerms;
  readonly #events: ConnectionEvents;
  readonly #places: number;
  readonly #awaited: Awaited;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #key = randomBytes(16).toString("base64");
  readonly #range: { -readonly [K in keyof ByteRange]: number } = { start: 0, end: 0 };
  #openTimer: NodeJS.Timeout | undefined;
  #state: "opening" | "open" | "closed" = "opening";
  #handshake = nothing;
  #nowMs = 0;
  /** Messages below this place have left this process, and those below the other were written. */
  #flushed = 0;
  #written = 0;
  #isOverdue = false;
  #isHeard = false;
  #untilSample = sampledEvery;

  constructor(terms: WebSocketTerms, events: ConnectionEvents) {
    this.#terms = terms;
    this.#events = events;
    const { rpc, connectTimeoutMs, plan } = terms.request;
    this.#places = plan.inFlightPerConnection;
    this.#awaited = new Awaited(this.#places);
    this.#reader = new FrameReader(
      {
        message: (...message) => this.#onMessage(...message),
        control: (...frame) => this.#onControl(...frame),
      },
      largestReplyBytes,
    );
    this.#openTimer = setTimeout(() => {
      const code = this.#socket.connecting ? "CONNECT_TIMEOUT" : handshakeCode("TIMEOUT");
      this.#fail({ kind: "unreachable", code });
    }, connectTimeoutMs);
    this.#socket = openSocket(rpc, {
      connected: () => this.#socket.write(buildHandshake(rpc, terms.submission.path, this.#key)),
      bytes: (read) => this.#onBytes(read),
      ended: () =>
        this.#fail({ kind: "broken", code: this.#reader.isWithin ? "WS_TRUNCATED" : "WS_HUNG_UP" }),
      failed: (error) => this.#fail(sendFailure(error)),
    });
  }

  get load(): number {
    if (this.#state !== "open" || this.#isOverdue) return Number.POSITIVE_INFINITY;
    const { head, tail, length } = this.#awaited;
    if (tail - Math.min(head, this.#flushed) < this.#places) return length;
    // A message's bytes must not be overwritten while the socket still holds them.
    this.#noteFlushed();
    return tail - Math.min(head, this.#flushed) < this.#places ? length : Number.POSITIVE_INFINITY;
  }

  take(sequence: number, sinceMs: number): void {
    this.#terms.messages.put(this.#awaited.tail, sequence);
    this.#awaited.push(sequence, sinceMs);
  }

  endRequest(): void {}

  flush(): void {
    this.#terms.messages.flush(this.#socket);
    this.#written = this.#awaited.tail;
    this.#noteFlushed();
  }

  expire(untilMs: number, nowMs: number): number {
    while (this.#awaited.length > 0 && this.#awaited.oldestSinceMs() <= untilMs) {
      const sequence = this.#awaited.at(this.#awaited.head);
      this.#awaited.end(this.#awaited.head);
      this.#isOverdue = true;
      this.#events.timedOut(sequence, nowMs);
    }
    if (this.#awaited.length > 0) return this.#awaited.oldestSinceMs();
    if (this.#isOverdue) this.#fail({ kind: "broken", code: "WS_SILENT" });
    return Number.POSITIVE_INFINITY;
  }

  keepAlive(): void {
    if (this.#state !== "open") return;
    if (!this.#isHeard && this.#awaited.length === 0) this.#fail({ kind: "broken", code: "WS_SILENT" });
    else this.#socket.write(buildFrame(opcodes.ping, nothing));
    this.#isHeard = false;
  }

  destroy(): void {
    this.#state = "closed";
    clearTimeout(this.#openTimer);
    this.#socket.destroy();
  }

  #noteFlushed(): void {
    if (this.#socket.writableLength === 0) this.#flushed = this.#written;
  }

  #onBytes(read: Buffer): void {
    if (this.#state === "closed") return;
    this.#isHeard = true;
    this.#isOverdue = false;
    this.#nowMs = this.#terms.request.clock.monotonicMs();
    const frames = this.#state === "open" ? read : this.#onHandshake(read);
    const fault = this.#reader.push(frames);
    if (fault !== undefined) this.#fail({ kind: "broken", code: fault });
    else this.#events.changed();
  }

  /** @returns what is no part of the handshake any more */
  #onHandshake(read: Buffer): Buffer {
    this.#handshake = Buffer.concat([this.#handshake, read]);
    const reply = readHandshake(this.#handshake, this.#key);
    if (reply.end === "refused") this.#fail({ kind: "unreachable", code: reply.code });
    if (reply.end !== "open") return nothing;
    clearTimeout(this.#openTimer);
    const frames = this.#handshake.subarray(reply.bytes);
    this.#handshake = nothing;
    this.#state = "open";
    this.#events.opened();
    return frames;
  }

  #onMessage(bytes: Buffer, start: number, end: number): void {
    const { head, tail } = this.#awaited;
    const { isUsualAcceptance } = this.#terms.request.submission;
    if (head < tail && isUsualAcceptance !== undefined && --this.#untilSample > 0) {
      const sequence = this.#awaited.at(head);
      this.#range.start = start;
      this.#range.end = end;
      if (isUsualAcceptance(bytes, this.#range, sequence)) {
        this.#awaited.end(head);
        this.#events.acknowledged(sequence, this.#nowMs);
        return;
      }
    }
    this.#untilSample = sampledEvery;
    this.#readMessage(bytes.toString("utf8", start, end));
  }

  /** A node serves the messages of one connection one after the other: a reply without an id is about the oldest. */
  #readMessage(message: string): void {
    if (this.#state !== "open") return;
    const found = this.#terms.submission.read(message);
    const { head, tail } = this.#awaited;
    const oldest = head < tail ? head : -1;
    const place = found?.id === undefined ? oldest : this.#awaited.find(found.id);
    if (found === undefined || place < 0) {
      this.#events.stray(found === undefined ? "no reply" : "reply to nothing awaited");
      return;
    }
    const sequence = this.#awaited.at(place);
    this.#awaited.end(place);
    if (found.reply.accepted) this.#events.acknowledged(sequence, this.#nowMs);
    else this.#events.rejected(sequence, found.reply.reason, this.#nowMs);
  }

  #onControl(opcode: number, payload: Buffer): void {
    if (this.#state !== "open") return;
    if (opcode === opcodes.ping) this.#socket.write(buildFrame(opcodes.pong, payload));
    if (opcode !== opcodes.close) return;
    this.#socket.write(buildFrame(opcodes.close, payload.subarray(0, 2)));
    this.#fail({ kind: "broken", code: `WS_CLOSED_${closeCode(payload)}` });
  }

  /** Everything under way may have reached the node, unless the connection never stood. */
  #fail(failure: SendFailure): void {
    if (this.#state === "closed") return;
    const stood = this.#state === "open";
    this.destroy();
    const broken: SendFailure = { kind: "broken", code: failure.code };
    const nowMs = this.#terms.request.clock.monotonicMs();
    while (this.#awaited.length > 0) {
      const sequence = this.#awaited.at(this.#awaited.head);
      this.#awaited.end(this.#awaited.head);
      this.#events.failed(sequence, broken, nowMs);
    }
    if (stood) this.#events.closed();
    else this.#events.closed({ ...failure, kind: failure.kind === "unsent" ? "unsent" : "unreachable" });
  }
}
