import type { Socket } from "node:net";
import { connectFailure } from "../failure.ts";
import { openSocket } from "../socket.ts";
import { type SendFailure, type TransportListener, type TransportRequest, timedOut } from "../transport.ts";
import { Awaited } from "./awaited.ts";
import type { Requests } from "./requests.ts";

/** What a connection tells its pool, which passes on the ends of transactions. */
export interface ConnectionEvents extends TransportListener {
  /** It stands. */
  readonly opened: () => void;
  /** Its load may have changed. */
  readonly changed: () => void;
  /** A reply that belongs to nothing awaited. */
  readonly stray: (kind: string) => void;
  /**
   * Once: it is over. What it owes is told as failed after that.
   *
   * @param failure why it never stood
   */
  readonly closed: (failure?: SendFailure) => void;
  /** After that: the node had left all but one of its requests unanswered, as it will on others. */
  readonly takesOne: () => void;
}

export interface PooledSocketOptions {
  readonly request: TransportRequest;
  readonly requests: Requests;
  /** Requests that may be under way. */
  readonly places: number;
  /** Most transactions in each. */
  readonly batchSize: number;
}

/** What is read is taken up at once: all connections of a thread share this. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * One connection of a pool, from opening, by way of time-outs, to the end of all that it owes. What it takes leaves in
 * order, some transactions to a request.
 */
export abstract class PooledSocket {
  /** Requests that its pool counts as under way on it. */
  used = 0;
  protected readonly awaited: Awaited;
  protected readonly events: ConnectionEvents;
  protected readonly request: TransportRequest;
  protected readonly socket: Socket;
  /** When the bytes that are being taken up were read. */
  protected nowMs = 0;
  /** Requests that were made, counted on and on. */
  protected made = 0;
  readonly #requests: Requests;
  /** A reply is owed for too long, and nothing was heard since. */
  #isOverdue = false;
  #state: "opening" | "open" | "ended" = "opening";

  constructor({ request, requests, places, batchSize }: PooledSocketOptions, events: ConnectionEvents) {
    this.request = request;
    this.events = events;
    this.#requests = requests;
    this.awaited = new Awaited(places * batchSize);
    const { rpc, connectTimeoutMs } = request;
    this.socket = openSocket(
      { rpc, connectTimeoutMs, readInto: readBuffer },
      {
        opened: () => this.onConnected(),
        read: (lengthBytes) => this.#onRead(lengthBytes),
        ended: (code) => this.#onEnded(code),
      },
    );
  }

  /** Requests from the first on that owe no reply any more. */
  protected abstract readonly answered: number;

  /** Requests under way; Infinity where it takes none for now: it does not stand, or owes a reply too long. */
  get load(): number {
    if (this.#state !== "open" || this.#isOverdue) return Number.POSITIVE_INFINITY;
    return this.made - this.answered;
  }

  /** Ends it where its peer is about to, or may have. @returns whether it may be used */
  isFresh(_nowMs: number): boolean {
    return true;
  }

  /**
   * Puts a transaction into the request that is being made.
   *
   * @param sinceMs when it was handed over, from which its time-out counts
   */
  take(sequence: number, sinceMs: number): void {
    this.#requests.put(sequence);
    this.awaited.push(sequence, sinceMs);
  }

  /** That request is whole. */
  endRequest(_nowMs: number): void {
    this.#requests.end();
    this.made++;
  }

  /** Writes all requests that were made since the last time. */
  flush(): void {
    this.#requests.flush(this.socket);
  }

  /** Called every few seconds: shows life where nothing else does, and ends a connection whose peer shows none. */
  keepAlive(): void {}

  /** The socket stands. `stand` is to be called when requests may follow. */
  protected abstract onConnected(): void;
  /** The first `length` bytes were read. @returns why the connection cannot be used any longer */
  protected abstract onRead(bytes: Buffer, length: number): string | undefined;
  /** The other side closed it. @returns why nothing more comes of what it owes */
  protected abstract onHangUp(): string;

  protected get stands(): boolean {
    return this.#state === "open";
  }

  protected stand(): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.events.opened();
  }

  /**
   * Ends what was handed over at that time or before as timed out.
   *
   * @returns when the oldest one that is left was handed over; Infinity: there is none
   */
  expire(untilMs: number, nowMs: number): number {
    const { awaited } = this;
    while (awaited.oldestSinceMs() <= untilMs) {
      this.#isOverdue = true;
      this.events.missed(awaited.shift(), timedOut, nowMs);
    }
    if (awaited.length === 0 && this.#isOverdue) this.fail("GIVEN_UP");
    return awaited.oldestSinceMs();
  }

  /** Ends it at once. Tells nothing. */
  destroy(): void {
    this.#state = "ended";
    this.socket.destroy();
    this.#requests.release();
  }

  /** Ends it. Everything under way may have reached the node, unless the connection never stood. */
  protected fail(code: string): void {
    if (this.#state === "ended") return;
    const stood = this.#state === "open";
    this.destroy();
    const broken: SendFailure = { kind: "broken", code };
    const nowMs = this.request.clock.monotonicMs();
    this.events.closed(stood ? undefined : connectFailure(code));
    while (this.awaited.length > 0) this.events.missed(this.awaited.shift(), broken, nowMs);
  }

  #onRead(lengthBytes: number): void {
    if (this.#state === "ended") return;
    this.#isOverdue = false;
    this.nowMs = this.request.clock.monotonicMs();
    const code = this.onRead(readBuffer, lengthBytes);
    if (code !== undefined) this.fail(code);
    else this.events.changed();
  }

  #onEnded(code: string | undefined): void {
    if (this.#state === "ended") return;
    this.nowMs = this.request.clock.monotonicMs();
    this.fail(code ?? this.onHangUp());
  }
}
