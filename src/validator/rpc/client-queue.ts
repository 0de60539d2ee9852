import type { Log } from "../node/logging.ts";
import { exchangeBytes, mostWaiting, pauseAtBytes, pauseAtWaiting, windowBytes } from "./limits.ts";
import type { Hold, Scheduler, Served, SharedBytes } from "./scheduler.ts";

/** What a client is read through. */
interface Connection {
  readonly pause: () => void;
  readonly resume: () => void;
  readonly destroy: () => void;
}

/** What to call as a reply leaves memory. */
export interface Delivery {
  /** Some of it is with the kernel. */
  readonly progressed: () => void;
  /** All of it is, or the connection is gone. */
  readonly ended: () => void;
}

/** A request's place in the queue: it is taken when the request begins, and served when the request is whole. */
export interface Place {
  /** Of the request, as far as it is there. */
  bytes: number;
  serve?: () => void;
}

/**
 * The requests of one connection. They are served in order, and none while replies of `windowBytes` or more, or one that
 * takes time, are not with the kernel yet.
 */
export class ClientQueue implements Served {
  progressMs = 0;
  readonly #scheduler: Scheduler;
  readonly #connection: Connection;
  readonly #log: Log;
  readonly #waiting: Place[] = [];
  /** What must happen before the next request is served. */
  #pending = 0;
  /** Of replies since the last for which the next request had to wait. */
  #replyBytes = 0;
  /** Of requests that are not served yet; held where they are many. */
  #requestBytes = 0;
  #requestHold: Hold | undefined;
  #isPaused = false;
  #isClosed = false;

  constructor(scheduler: Scheduler, connection: Connection, log: Log) {
    this.#scheduler = scheduler;
    this.#connection = connection;
    this.#log = log;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether the client is not to be read from. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether no request waits, and no reply is under way. */
  get isIdle(): boolean {
    return this.#pending === 0 && this.#waiting.length === 0;
  }

  /** Takes the next place. */
  enter(): Place {
    const place: Place = { bytes: 0 };
    const waiting = this.#waiting.push(place);
    if (waiting > mostWaiting) this.hangUp();
    // Its body may be there already, and is told later.
    else if (waiting >= pauseAtWaiting) this.#pause();
    return place;
  }

  /** Serves a request that is whole now, as soon as it is its turn. */
  serve(place: Place, serve: () => void): void {
    place.serve = serve;
    const isNext = this.#waiting[0] === place && this.#pending === 0;
    if (isNext && this.#scheduler.hasTime()) {
      if (this.serveNext()) this.#scheduler.enlist(this);
      return;
    }
    if (this.#requestBytes >= pauseAtBytes) this.#pause();
    if (isNext) this.#scheduler.enlist(this);
  }

  serveNext(): boolean {
    const next = this.#waiting[0];
    if (next?.serve === undefined || this.#pending > 0) return false;
    this.#waiting.shift();
    next.serve();
    this.countRequest(-next.bytes);
    // The next one may be there in part.
    if (this.#isPaused && this.#waiting[0]?.serve === undefined) {
      this.#isPaused = false;
      this.#scheduler.later(() => this.#connection.resume());
    }
    return this.#isNextReady;
  }

  /** Nothing more is served until the returned function is called. */
  suspend(): () => void {
    this.#pending++;
    return () => {
      this.#pending--;
      if (this.#isNextReady) this.#scheduler.enlist(this);
    };
  }

  /** Counts a reply. Returns what to call later, where the next request has to wait until it is with the kernel. */
  count(bytes: number): Delivery | undefined {
    this.#replyBytes += bytes + exchangeBytes;
    if (this.#replyBytes < windowBytes) return undefined;
    const release = this.hold(this.#replyBytes);
    this.#replyBytes = 0;
    const goOn = this.suspend();
    const progressed = () => {
      this.progressMs = performance.now();
    };
    const ended = () => {
      release();
      goOn();
    };
    return { progressed, ended };
  }

  /** Counts bytes that are in memory for this client, until the returned function is called. */
  hold(bytes: number, shared?: SharedBytes): () => void {
    if (this.#isClosed) return () => {};
    const hold = this.#scheduler.hold(this, bytes, shared);
    return () => this.#scheduler.release(hold);
  }

  /** Counts bytes of requests that are not served yet, or no longer (negative). */
  countRequest(bytes: number): void {
    if (this.#isClosed) return;
    this.#requestBytes += bytes;
    if (this.#requestHold !== undefined) {
      this.#scheduler.grow(this.#requestHold, bytes);
      if (this.#requestBytes >= windowBytes) return;
      this.#scheduler.release(this.#requestHold);
      this.#requestHold = undefined;
    } else if (this.#requestBytes >= windowBytes) {
      this.#requestHold = this.#scheduler.hold(this, this.#requestBytes);
    }
  }

  /** Whether this turn of the event loop has time left. */
  hasTime(): boolean {
    return this.#scheduler.hasTime();
  }

  /** Resolves once a large reply may be made; undefined where it may now. */
  whenRoom(): Promise<void> | undefined {
    return this.#scheduler.whenRoom(this);
  }

  /** Resolves in a later turn of the event loop. */
  nextTurn(): Promise<void> {
    return new Promise((goOn) => this.#scheduler.later(goOn));
  }

  hangUp(): void {
    if (this.#isClosed) return;
    this.#log("warn", "disconnected a client that leaves too much unread, or its request unfinished", {
      heldBytes: this.#scheduler.heldBytes,
    });
    this.close();
    this.#connection.destroy();
  }

  /** The connection is gone: nothing more is made for it. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#scheduler.forget(this);
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#connection.pause();
  }

  get #isNextReady(): boolean {
    return this.#pending === 0 && this.#waiting[0]?.serve !== undefined;
  }
}
