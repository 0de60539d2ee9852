import { randomBytes } from "node:crypto";
import type { ByteRange } from "../../../contracts/load/commits.ts";
import type { WebSocketSubmission } from "../../../contracts/load/submission.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { sampledEvery } from "../http/replies.ts";
import { Pool } from "../pool/pool.ts";
import { type ConnectionEvents, PooledSocket, type PooledSocketOptions } from "../pool/pooled-socket.ts";
import type { RequestForm } from "../pool/request-shape.ts";
import { requestMaker } from "../pool/requests.ts";
import type { OpenTransport } from "../transport.ts";
import { buildFrame, closeCode, FrameReader, frameHead, opcodes } from "./frames.ts";
import { buildHandshake, handshakeCode, readHandshake } from "./handshake.ts";

/** Replies are short; what is longer comes from no node. */
const largestReplyBytes = 2 ** 20;
const nothing = Buffer.alloc(0);

/** One transaction in a text frame. */
export const messageForm: RequestForm = {
  head: (bodyBytes) => frameHead(opcodes.text, bodyBytes),
  open: "",
  separator: "",
  close: "",
  batchSize: 1,
};

/**
 * Transactions as messages over WebSocket, with frames of our own: what is due together on a connection is one write,
 * and what differs from one message to the next is all that is written anew.
 *
 * @throws InvalidArgumentError where the protocol's nodes take no transactions this way
 */
export const openWebSocketTransport: OpenTransport = (request) => {
  const submission = request.submission.webSocket;
  if (submission === undefined) {
    throw new InvalidArgumentError(
      "The protocol's nodes do not accept transactions over WebSocket; choose another transport.",
    );
  }
  const make = requestMaker(request, messageForm);
  return new Pool(request, {
    transactionsPerRequest: 1,
    waitsForOthers: true,
    open: (events, places) =>
      new WebSocketConnection({ request, submission, requests: make(places), places, batchSize: 1 }, events),
  });
};

interface WebSocketSettings extends PooledSocketOptions {
  readonly submission: WebSocketSubmission;
}

/** One WebSocket, on which messages go out in order and replies are known by their ids. */
class WebSocketConnection extends PooledSocket {
  readonly #options: WebSocketSettings;
  readonly #reader: FrameReader;
  readonly #key = randomBytes(16).toString("base64");
  readonly #range: { -readonly [K in keyof ByteRange]: number } = { start: 0, end: 0 };
  readonly #handshakeTimer: NodeJS.Timeout;
  #handshake = nothing;
  #isHeard = false;
  #untilSample = sampledEvery;

  constructor(options: WebSocketSettings, events: ConnectionEvents) {
    super(options, events);
    this.#options = options;
    this.#reader = new FrameReader(
      {
        message: (bytes, start, end) => this.#onMessage(bytes, start, end),
        control: (opcode, payload) => this.#onControl(opcode, payload),
      },
      largestReplyBytes,
    );
    this.#handshakeTimer = setTimeout(
      () => this.fail(handshakeCode("TIMEOUT")),
      options.request.connectTimeoutMs,
    );
  }

  /** A message each. */
  protected get answered(): number {
    return this.awaited.head;
  }

  override keepAlive(): void {
    if (!this.stands) return;
    if (!this.#isHeard && this.awaited.length === 0) this.fail("WS_SILENT");
    else this.socket.write(buildFrame(opcodes.ping, nothing));
    this.#isHeard = false;
  }

  override destroy(): void {
    clearTimeout(this.#handshakeTimer);
    super.destroy();
  }

  protected onConnected(): void {
    const { request, submission } = this.#options;
    this.socket.write(buildHandshake(request.rpc, submission.path, this.#key));
  }

  protected onRead(bytes: Buffer, length: number): string | undefined {
    this.#isHeard = true;
    if (this.stands) return this.#reader.push(bytes, length);
    this.#handshake = Buffer.concat([this.#handshake, bytes.subarray(0, length)]);
    const reply = readHandshake(this.#handshake, this.#key);
    if (typeof reply === "string") return reply;
    if (reply === 0) return undefined;
    clearTimeout(this.#handshakeTimer);
    const frames = this.#handshake.subarray(reply);
    this.#handshake = nothing;
    this.stand();
    return this.#reader.push(frames);
  }

  protected onHangUp(): string {
    return this.#reader.isWithin ? "WS_TRUNCATED" : "WS_HUNG_UP";
  }

  #onMessage(bytes: Buffer, start: number, end: number): void {
    const { awaited } = this;
    const { isUsualAcceptance } = this.#options.request.submission;
    if (awaited.length > 0 && isUsualAcceptance !== undefined && --this.#untilSample > 0) {
      const sequence = awaited.at(awaited.head);
      this.#range.start = start;
      this.#range.end = end;
      if (isUsualAcceptance(bytes, this.#range, sequence)) {
        awaited.end(awaited.head);
        this.events.acknowledged(sequence, this.nowMs);
        return;
      }
    }
    this.#untilSample = sampledEvery;
    this.#readMessage(bytes.toString("utf8", start, end));
  }

  /** A node serves the messages of one connection one after the other: a reply without an id is about the oldest. */
  #readMessage(message: string): void {
    if (!this.stands) return;
    const { awaited, events } = this;
    const found = this.#options.submission.read(message);
    const oldest = awaited.length > 0 ? awaited.head : -1;
    const place = found?.id === undefined ? oldest : awaited.find(found.id);
    if (found === undefined || place < 0) {
      events.stray(found === undefined ? "no reply" : "reply to no request");
      return;
    }
    const sequence = awaited.at(place);
    awaited.end(place);
    if (found.reply.accepted) events.acknowledged(sequence, this.nowMs);
    else events.missed(sequence, { kind: "rejected", reason: found.reply.reason }, this.nowMs);
  }

  #onControl(opcode: number, payload: Buffer): void {
    if (!this.stands) return;
    if (opcode === opcodes.ping) this.socket.write(buildFrame(opcodes.pong, payload));
    if (opcode !== opcodes.close) return;
    this.socket.write(buildFrame(opcodes.close, payload.subarray(0, 2)));
    this.fail(`WS_CLOSED_${closeCode(payload)}`);
  }
}
