import type { Socket } from "node:net";
import { connectFailure } from "../failure.ts";
import { openSocket } from "../socket.ts";
import type { SendFailure, TransportListener, TransportRequest } from "../transport.ts";
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
   * Once: it is over, and owes nothing any more.
   *
   * @param failure why it never stood
   */
  readonly closed: (failure?: SendFailure) => void;
}

export interface PooledSocketOptions {
  readonly request: TransportRequest;
  readonly requests: Requests;
}

/** What is read is taken up at once: all connections of a thread share this. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * One connection of a pool, from opening, by way of time-outs, to the end of all that it owes. What it takes leaves in
 * order, some transactions to a request.
 */
export abstract class PooledSocket {
  protected readonly awaited: Awaited;
  protected readonly events: ConnectionEvents;
  protected readonly requests: Requests;
  protected readonly socket: Socket;
  /** When the bytes that are being taken up were read. */
  protected nowMs = 0;
  /** A reply is owed for too long, and nothing was heard since. */
  protected isOverdue = false;
  readonly #request: TransportRequest;
  #state: "opening" | "open" | "ended" = "opening";

  /** @param places transactions that may be under way */
  constructor({ request, requests }: PooledSocketOptions, places: number, events: ConnectionEvents) {
    this.#request = request;
    this.requests = requests;
    this.events = events;
    this.awaited = new Awaited(places);
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

  /** Requests under way; Infinity where it takes none for now: it does not stand, is full, or owes a reply too long. */
  abstract readonly load: number;

  /**
   * Puts a transaction into the request that is being made.
   *
   * @param sinceMs when it was handed over, from which its time-out counts
   */
  take(sequence: number, sinceMs: number): void {
    this.requests.put(sequence);
    this.awaited.push(sequence, sinceMs);
  }

  /** That request is whole. */
  endRequest(): void {
    this.requests.end();
  }

  /** Writes all requests that were made since the last time. */
  flush(): void {
    this.requests.flush(this.socket);
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
    while (awaited.length > 0 && awaited.oldestSinceMs() <= untilMs) {
      const sequence = awaited.at(awaited.head);
      awaited.end(awaited.head);
      this.isOverdue = true;
      this.events.timedOut(sequence, nowMs);
    }
    if (awaited.length > 0) return awaited.oldestSinceMs();
    if (this.isOverdue) this.fail("GIVEN_UP");
    return Number.POSITIVE_INFINITY;
  }

  /** Ends it at once. Tells nothing. */
  destroy(): void {
    this.#state = "ended";
    this.socket.destroy();
    this.requests.release();
  }

  /** Ends it. Everything under way may have reached the node, unless the connection never stood. */
  protected fail(code: string): void {
    if (this.#state === "ended") return;
    const stood = this.#state === "open";
    this.destroy();
    const broken: SendFailure = { kind: "broken", code };
    const nowMs = this.#request.clock.monotonicMs();
    while (this.awaited.length > 0) {
      const sequence = this.awaited.at(this.awaited.head);
      this.awaited.end(this.awaited.head);
      this.events.failed(sequence, broken, nowMs);
    }
    if (stood) this.events.closed();
    else this.events.closed(connectFailure(code));
  }

  #onRead(lengthBytes: number): void {
    if (this.#state === "ended") return;
    this.isOverdue = false;
    this.nowMs = this.#request.clock.monotonicMs();
    const code = this.onRead(readBuffer, lengthBytes);
    if (code !== undefined) this.fail(code);
    else this.events.changed();
  }

  #onEnded(code: string | undefined): void {
    if (this.#state === "ended") return;
    this.nowMs = this.#request.clock.monotonicMs();
    this.fail(code ?? this.onHangUp());
  }
}
