import type { Socket } from "node:net";
import type { ByteRange } from "../../../contracts/load/commits.ts";
import { RequestRing } from "../request-ring.ts";
import { openSocket, type SocketRequest } from "../socket.ts";
import { ReplyParser } from "./reply-parser.ts";
import type { RequestWriter } from "./request-template.ts";
import type { Slabs } from "./slabs.ts";

const replyLimits = { headBytes: 64 * 1024, bodyBytes: 4 * 1024 * 1024 };
/** A server's own idea of how long it has kept a connection may be as much ahead of ours. */
const keepAliveMarginMs = 1000;
/** A connection that ends with a request which came after so long was most likely being closed when it was written. */
export const idleMs = 1000;
/** Servers close connections that nothing was sent on, some after ten seconds. */
export const longestUnusedMs = 5000;
/** The status of a server that had waited too long for a request. */
export const requestTimeoutStatus = 408;

/** How a connection ended. */
export interface ConnectionEnd {
  /** Why its requests have no reply. */
  readonly code: string;
  /** It stood, so that what was written may have arrived. */
  readonly stood: boolean;
  /** The other side closed it in good order, with more to answer after its very first reply. */
  readonly afterFirstReply: boolean;
}

export interface ConnectionOwner {
  readonly socket: SocketRequest;
  readonly writer: RequestWriter;
  readonly slabs: Slabs | undefined;
  readonly readBuffer: Buffer;
  readonly clock: { readonly monotonicMs: () => number };
  /** It stands, and may be waited for. */
  readonly opened: (connection: Connection) => void;
  /** A reply came, so that there is room on it. */
  readonly changed: (connection: Connection) => void;
  readonly replied: (sequence: number, reply: Reply) => void;
  /** Two requests that were under way at once were both answered. */
  readonly pipelined: () => void;
  /** Its requests are still in its ring. */
  readonly ended: (connection: Connection, end: ConnectionEnd) => void;
}

/** One reply; used again for the next. */
export interface Reply {
  status: number;
  bytes: Buffer;
  range: ByteRange;
  /** When it was read. */
  nowMs: number;
}

/** One connection and the requests that are under way on it. */
export class Connection {
  readonly ring: RequestRing;
  /** Resolves when it stands, or has ended before. */
  readonly settled: Promise<void>;
  /** Its place among the owner's connections. */
  slot = -1;
  /** Stands in the owner's list of those to be written. */
  isListed = false;
  #state: "opening" | "open" | "ended" = "opening";
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #parser: ReplyParser;
  readonly #reply: Reply;
  readonly #settle: () => void;
  #replies = 0;
  /** Requests that were already written when the reply before came. */
  #behind = 0;
  #heldSlabs: Buffer[] = [];
  #lastReadMs = Number.NaN;
  /** After this it is not used any more where nothing is under way on it. */
  #idleUntilMs = Number.POSITIVE_INFINITY;
  #headWasIdle = false;
  #unused: NodeJS.Timeout | undefined;

  constructor(owner: ConnectionOwner, places: number) {
    this.#owner = owner;
    this.ring = new RequestRing(places);
    let settle = () => {};
    this.settled = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = () => settle();
    this.#lastReadMs = owner.clock.monotonicMs();
    this.#reply = { status: 0, bytes: owner.readBuffer, range: { start: 0, end: 0 }, nowMs: 0 };
    this.#parser = new ReplyParser(
      {
        awaited: () => this.ring.written,
        onReply: (status, bytes, range) => this.#onReply(status, bytes, range),
      },
      replyLimits,
    );
    this.#socket = openSocket(owner.socket, {
      opened: () => this.#onOpened(),
      read: (lengthBytes) => this.#onRead(lengthBytes),
      ended: (code) => this.#onEnded(code),
    });
  }

  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  get stands(): boolean {
    return this.#state === "open";
  }

  /** Its oldest request has waited too long, so that nothing more is given to it until it answers. */
  get isSuspect(): boolean {
    return this.ring.expired > 0;
  }

  /** Writes all that is new, by one call where it fits. */
  write(nowMs: number): void {
    this.ring.stamp(nowMs);
    if (this.#state !== "open" || this.ring.written === this.ring.length) return;
    if (this.ring.written === 0) {
      if (nowMs >= this.#idleUntilMs) {
        this.end("CLOSED_IDLE");
        return;
      }
      this.#headWasIdle = nowMs - this.#lastReadMs >= idleMs;
      if (this.#unused !== undefined) this.#use();
    }
    const { slabs, writer } = this.#owner;
    if (slabs === undefined || writer.template === undefined) this.#writeEach();
    else this.#writeSlabs(slabs, writer.template.patch);
  }

  /** Ends it at once; what was under way is told as failed by this code. */
  end(code: string, afterFirstReply = false): void {
    if (this.#state === "ended") return;
    const stood = this.#state === "open";
    this.#state = "ended";
    clearTimeout(this.#unused);
    this.#socket.destroy();
    this.#settle();
    this.#owner.ended(this, { code, stood, afterFirstReply });
  }

  #use(): void {
    clearTimeout(this.#unused);
    this.#unused = undefined;
  }

  #writeSlabs(slabs: Slabs, patch: (copy: Uint8Array, offset: number, sequence: number) => void): void {
    const { ring } = this;
    if (this.#heldSlabs.length > 0 && this.#socket.writableLength === 0) {
      for (const slab of this.#heldSlabs) slabs.giveBack(slab);
      this.#heldSlabs = [];
    }
    while (ring.written < ring.length) {
      const slab = slabs.take();
      const count = Math.min(slabs.places, ring.length - ring.written);
      let offset = 0;
      for (let i = 0; i < count; i++) {
        patch(slab, offset, ring.at(ring.written + i));
        offset += slabs.requestBytes;
      }
      ring.written += count;
      this.#socket.write(offset === slab.length ? slab : slab.subarray(0, offset));
      if (this.#socket.writableLength === 0) slabs.giveBack(slab);
      else this.#heldSlabs.push(slab);
    }
  }

  #writeEach(): void {
    const { ring } = this;
    this.#socket.cork();
    for (; ring.written < ring.length; ring.written++) {
      this.#socket.write(this.#owner.writer.build(ring.at(ring.written)));
    }
    this.#socket.uncork();
  }

  #onOpened(): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.#lastReadMs = this.#owner.clock.monotonicMs();
    this.#unused = setTimeout(() => this.end("CLOSED_IDLE"), longestUnusedMs).unref();
    this.#settle();
    this.#owner.opened(this);
  }

  #onRead(lengthBytes: number): void {
    if (this.#state !== "open") return;
    const nowMs = this.#owner.clock.monotonicMs();
    this.#lastReadMs = nowMs;
    this.#reply.nowMs = nowMs;
    const fault = this.#parser.push(this.#owner.readBuffer, lengthBytes);
    const { keepAliveMs, closing } = this.#parser;
    if (keepAliveMs !== undefined) {
      this.#idleUntilMs = nowMs + keepAliveMs - Math.min(keepAliveMarginMs, keepAliveMs / 2);
    }
    // What comes after a reply that was said to be the last is for nobody.
    if (closing) this.#endAfterReplies();
    else if (fault !== undefined) this.end(fault);
  }

  #onReply(status: number, bytes: Buffer, range: ByteRange): void {
    const { ring } = this;
    if (status === requestTimeoutStatus && this.#headWasIdle && this.#parser.closing) {
      // Said of the idle time, and crossed what was sent then: it answers no request.
      this.end("CLOSED_IDLE");
      return;
    }
    const isLate = ring.expired > 0;
    const sequence = ring.shift();
    if (this.#behind > 0) this.#owner.pipelined();
    this.#behind = ring.written;
    this.#headWasIdle = false;
    this.#replies++;
    // What is given to it although this was its last reply goes elsewhere when it ends, which is at once.
    if (this.#state === "open") this.#owner.changed(this);
    if (isLate) return;
    this.#reply.status = status;
    this.#reply.bytes = bytes;
    this.#reply.range = range;
    this.#owner.replied(sequence, this.#reply);
  }

  #onEnded(code: string | undefined): void {
    if (this.#state === "ended") return;
    if (code !== undefined) {
      this.end(code);
      return;
    }
    this.#reply.nowMs = this.#owner.clock.monotonicMs();
    const fault = this.#parser.end();
    if (fault !== undefined) this.end(fault);
    else if (this.#headWasIdle && this.ring.written > 0) this.end("CLOSED_IDLE");
    else this.#endAfterReplies();
  }

  /** The other side closed it in good order. */
  #endAfterReplies(): void {
    this.end("CLOSED", this.#replies === 1 && this.ring.written > 0 && this.#behind > 0);
  }
}
