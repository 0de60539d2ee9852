import { untilAborted } from "../../../core/async.ts";
import type { Connection } from "./connection.ts";

interface SetOptions {
  /** For so many requests at once. */
  readonly open: (places: number) => Connection;
  /** Most connections at once. */
  readonly most: number;
  /** Most requests under way on one. */
  readonly places: number;
  readonly clock: { readonly monotonicMs: () => number };
}

/** After a connection did not come about while others stand, those do the work for so long. */
const retryAfterMs = 250;

/** The connections of one transport, and which of them gets the next request. */
export class ConnectionSet {
  readonly #open: (places: number) => Connection;
  #places: number;
  #most: number;
  #connections: Connection[] = [];
  /** The last one that became idle on top: those below stay unused, so that few meet the server's idle limit. */
  #idle: Connection[] = [];
  /** No usable connection has fewer requests under way. */
  #fewest = 0;
  #cursor = 0;
  #mayHaveSuspects = false;
  readonly #clock: SetOptions["clock"];
  #noNewBeforeMs = Number.NEGATIVE_INFINITY;

  constructor({ open, most, places, clock }: SetOptions) {
    this.#clock = clock;
    this.#open = open;
    this.#most = most;
    this.#places = places;
  }

  /** The node takes but one request of a connection; so many connections may stand. */
  takeOneOfEach(most: number): void {
    this.#places = 1;
    this.#most = most;
  }

  /** Most that may be under way at once; a connection that does not answer gives no places. */
  get capacity(): number {
    let capacity = this.#most * this.#places;
    if (!this.#mayHaveSuspects) return capacity;
    this.#mayHaveSuspects = false;
    for (const { isSuspect, ring } of this.#connections) {
      if (!isSuspect) continue;
      this.#mayHaveSuspects = true;
      capacity -= this.#places - (ring.length - ring.expired);
    }
    return capacity;
  }

  /** A copy: it may change while it is gone through. */
  all(): readonly Connection[] {
    return [...this.#connections];
  }

  /** One of them does not answer in time. */
  foundSuspect(): void {
    this.#mayHaveSuspects = true;
  }

  /** Fewer requests are under way on it than before. */
  hasRoom(connection: Connection): void {
    const { length } = connection.ring;
    if (length === 0) this.#idle.push(connection);
    else if (length < this.#fewest) this.#fewest = length;
  }

  remove(connection: Connection): void {
    const place = this.#connections.indexOf(connection);
    if (place >= 0) this.#connections.splice(place, 1);
    this.#fewest = 0;
  }

  /** An idle one, else a new one, else the one with the fewest requests; undefined where all places are taken. */
  pick(): Connection | undefined {
    const mayOpen = this.#connections.length < this.#most;
    if (!mayOpen || this.#clock.monotonicMs() < this.#noNewBeforeMs) {
      return this.pickExisting() ?? (mayOpen ? this.#openOne() : undefined);
    }
    return this.#takeIdle() ?? this.#openOne();
  }

  /** The same, without a new one. */
  pickExisting(): Connection | undefined {
    return this.#takeIdle() ?? this.#leastBusy();
  }

  /** One did not come about. @returns whether others stand, which are to do the work for now */
  leaveToOthers(): boolean {
    const others = this.#connections.some(({ stands }) => stands);
    if (others) this.#noNewBeforeMs = this.#clock.monotonicMs() + retryAfterMs;
    return others;
  }

  #takeIdle(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.hasEnded) continue;
      this.#fewest = 0;
      return idle;
    }
    return undefined;
  }

  /** Opens up to so many; returns when each stands, or has ended, or on abort. */
  async openAhead(count: number, signal: AbortSignal): Promise<void> {
    while (this.#connections.length < count && !signal.aborted) this.#openOne();
    const all = Promise.all(this.#connections.map((connection) => connection.settled));
    await untilAborted(all, signal).catch(() => {});
  }

  endAll(): void {
    for (const connection of this.all()) connection.end("CLOSED");
    this.#idle = [];
  }

  #openOne(): Connection {
    const connection = this.#open(this.#places);
    this.#connections.push(connection);
    this.#fewest = 0;
    return connection;
  }

  #leastBusy(): Connection | undefined {
    const all = this.#connections;
    for (; this.#fewest < this.#places; this.#fewest++) {
      for (let i = 0; i < all.length; i++) {
        this.#cursor = (this.#cursor + 1) % all.length;
        const connection = all[this.#cursor] as Connection;
        if (connection.ring.length <= this.#fewest && !connection.isSuspect) return connection;
      }
    }
    return undefined;
  }
}
