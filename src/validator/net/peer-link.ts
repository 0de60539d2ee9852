import type { Socket } from "node:net";
import { describeError } from "../../core/errors.ts";
import { buildFrame, type Frame, FrameReader, PeerViolationError } from "../engine/sync/frames.ts";
import {
  decodeMessage,
  encodeMessage,
  frameTypes,
  largestMessageBytes,
  type Message,
} from "../engine/sync/messages.ts";
import { RateLimit } from "../engine/sync/rate-limit.ts";
import { Handshake, type Identity, largestHandshakeBytes } from "./handshake.ts";

/** What a connection tells its owner. */
export interface LinkListener {
  /** The handshake is done. */
  readonly opened: () => void;
  /** May throw PeerViolationError, which closes the connection. */
  readonly message: (message: Message) => void;
  /** Room in the queue again. */
  readonly drained: () => void;
  /** Called once. `violation`: the other side broke the protocol. */
  readonly closed: (reason: string, violation: boolean) => void;
}

/** What this side of a connection is. */
export interface LinkSide {
  readonly outbound: boolean;
  readonly identity: Identity;
  /** Why this authority may not be at the other end, if it may not. */
  readonly refusal: (authority: number) => string | undefined;
  /** The other side must have proven who it is after this time. */
  readonly handshakeMs: number;
}

/** Checks in a row between which nothing came, until the other side counts as gone. */
const mostSilentChecks = 6;

/** Messages other than blocks that a peer may send: those of ten seconds of catching up, at once. */
const messageLimit = { burst: 5_000, everyMs: 2, mostKeys: 1 };

/** Bytes that may wait to be sent to one peer before no more blocks are put there. */
const queueLimitBytes = 8 * 1024 * 1024;

/** With so many waiting, the peer does not read: room for one more block, and for a long while of small messages. */
const longestQueueBytes = queueLimitBytes + 2 * largestMessageBytes;

/** Bytes from and to another validator; what was given to a connection to send counts as sent. */
export interface Traffic {
  receivedBytes: number;
  sentBytes: number;
}

/** One connection to another validator: the handshake, then messages. */
export class PeerLink {
  readonly outbound: boolean;
  /** What went over this connection so far. */
  readonly traffic: Traffic = { receivedBytes: 0, sentBytes: 0 };
  readonly #socket: Socket;
  readonly #listener: LinkListener;
  readonly #handshake: Handshake;
  readonly #reader = new FrameReader(largestHandshakeBytes);
  readonly #messages = new RateLimit(messageLimit);
  #authority: number | undefined;
  #heardMs = 0;
  #silentChecks = 0;
  readonly #deadline: NodeJS.Timeout;
  #closing: { reason: string; violation: boolean } | undefined;

  constructor(socket: Socket, side: LinkSide, listener: LinkListener) {
    this.#socket = socket;
    this.outbound = side.outbound;
    this.#listener = listener;
    this.#handshake = new Handshake(side.identity, side.refusal);
    socket.setNoDelay(true);
    // One for all of it: whoever sends a byte now and then has no more time than others.
    this.#deadline = setTimeout(() => this.close("the handshake took too long"), side.handshakeMs);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("drain", () => this.#listener.drained());
    socket.on("error", (error) => this.close(describeError(error)));
    socket.on("close", () => {
      clearTimeout(this.#deadline);
      const { reason, violation } = this.#closing ?? { reason: "the peer disconnected", violation: false };
      this.#listener.closed(reason, violation);
    });
    this.#write(this.#handshake.hello());
  }

  /** Who is at the other end; undefined during the handshake. */
  get authority(): number | undefined {
    return this.#authority;
  }

  get saidHello(): boolean {
    return this.#handshake.saidHello;
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? "";
  }

  /** For how long no message came; a sign of life alone is none. */
  get silentMs(): number {
    return performance.now() - this.#heardMs;
  }

  /** Whether the queue to the peer takes more; `drained` tells when it does again. */
  get hasRoom(): boolean {
    return this.#socket.writableLength < queueLimitBytes;
  }

  send(message: Message): void {
    this.#write(encodeMessage(message));
  }

  /**
   * Gives the other side a sign of life, and closes the connection where nothing came from it for long: TCP notices that
   * after many minutes only. Call it once a second; seconds in which this whole process stood still do not count.
   */
  check(): void {
    if (this.#silentChecks++ < mostSilentChecks) this.#write(buildFrame(frameTypes.alive));
    else this.close(`nothing was received for ${mostSilentChecks} s`);
  }

  close(reason: string, violation = false): void {
    this.#closing ??= { reason, violation };
    this.#socket.destroy();
  }

  #write(parts: readonly Uint8Array[]): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength > longestQueueBytes) {
      this.close("it does not read its messages");
      return;
    }
    this.#socket.cork();
    for (const part of parts) {
      this.traffic.sentBytes += part.length;
      this.#socket.write(part);
    }
    this.#socket.uncork();
  }

  #read(chunk: Buffer): void {
    this.#silentChecks = 0;
    this.traffic.receivedBytes += chunk.length;
    try {
      for (const frame of this.#reader.push(chunk)) {
        if (this.#socket.destroyed) return;
        if (frame.type !== frameTypes.block && this.#messages.pass("", performance.now()) === undefined) {
          throw new PeerViolationError("it sends too many messages");
        }
        if (this.#authority === undefined) this.#greet(frame);
        else if (frame.type !== frameTypes.alive) {
          this.#heardMs = performance.now();
          this.#listener.message(decodeMessage(frame));
        }
      }
    } catch (error) {
      if (!(error instanceof PeerViolationError)) throw error;
      this.close(error.message, true);
    }
  }

  #greet(frame: Frame): void {
    const next = this.#handshake.take(frame);
    if ("reply" in next) {
      this.#write(next.reply);
      return;
    }
    this.#authority = next.authority;
    this.#heardMs = performance.now();
    clearTimeout(this.#deadline);
    this.#reader.largestFrameBytes = largestMessageBytes;
    this.#listener.opened();
  }
}
