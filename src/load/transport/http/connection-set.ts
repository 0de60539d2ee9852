import { untilAborted } from "../../../core/async.ts";
import { LeastBusy } from "../pool/least-busy.ts";
import { holdOffMs } from "../transport.ts";
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

/** The connections of one transport, and which of them gets the next request. */
export class ConnectionSet {
  readonly #open: SetOptions["open"];
  readonly #clock: SetOptions["clock"];
  #most: number;
  #places: number;
  /** By their slots. */
  readonly #connections: (Connection | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  /** Among the idle ones the last used is first: the others stay unused, so that few meet the server's idle limit. */
  #busy: LeastBusy;
  /** Its requests have changed since it was last placed: many changes of one, as in a read, are placed once. */
  #changed: Connection | undefined;
  /** Places of each connection, and of all, that cannot be had, since it does not answer. */
  readonly #missing: number[] = [];
  #allMissing = 0;
  #noNewBeforeMs = Number.NEGATIVE_INFINITY;

  constructor({ open, most, places, clock }: SetOptions) {
    this.#open = open;
    this.#clock = clock;
    this.#most = most;
    this.#places = places;
    this.#busy = new LeastBusy(most, places);
  }

  /** The node takes but one request of a connection; so many connections may stand. */
  takeOneOfEach(most: number): void {
    this.#places = 1;
    this.#most = most;
    this.#busy = new LeastBusy(Math.max(most, this.#connections.length), 1);
    for (const connection of this.all()) this.changed(connection);
  }

  /** Most that may be under way at once; a connection that does not answer gives no places. */
  get capacity(): number {
    return this.#most * this.#places - this.#allMissing;
  }

  /** A copy: it may change while it is gone through. */
  all(): readonly Connection[] {
    return this.#connections.filter((connection) => connection !== undefined);
  }

  /** Requests came to it, or went, or one waits too long. */
  changed(connection: Connection): void {
    if (connection !== this.#changed) {
      this.#settle();
      this.#changed = connection;
    }
    // Places that cannot be had are not to be counted on in the meantime.
    if (connection.isSuspect || (this.#missing[connection.slot] ?? 0) > 0) this.#settle();
  }

  remove(connection: Connection): void {
    const { slot } = connection;
    if (this.#connections[slot] !== connection) return;
    this.#connections[slot] = undefined;
    this.#freeSlots.push(slot);
    this.#miss(slot, 0);
    this.#busy.remove(slot);
  }

  /** An idle one, else a new one, else the one with the fewest requests; undefined where all places are taken. */
  pick(): Connection | undefined {
    this.#settle();
    const mayOpen = !this.#busy.hasIdle && this.#count < this.#most;
    if (!mayOpen) return this.pickExisting();
    const isHeldOff = this.#clock.monotonicMs() < this.#noNewBeforeMs;
    return (isHeldOff ? this.pickExisting() : undefined) ?? this.#openOne();
  }

  /** The same, without a new one. */
  pickExisting(): Connection | undefined {
    this.#settle();
    const slot = this.#busy.least();
    return slot === undefined ? undefined : this.#connections[slot];
  }

  /** One did not come about. @returns whether others stand, which are to do the work for now */
  leaveToOthers(): boolean {
    const others = this.#connections.some((connection) => connection?.stands === true);
    if (others) this.#noNewBeforeMs = this.#clock.monotonicMs() + holdOffMs;
    return others;
  }

  /** Opens up to so many; returns when each stands, or has ended, or on abort. */
  async openAhead(count: number, signal: AbortSignal): Promise<void> {
    while (this.#count < count && !signal.aborted) this.#openOne();
    const all = Promise.all(this.all().map((connection) => connection.settled));
    await untilAborted(all, signal).catch(() => {});
  }

  endAll(): void {
    for (const connection of this.all()) connection.end("CLOSED");
  }

  get #count(): number {
    return this.#connections.length - this.#freeSlots.length;
  }

  #openOne(): Connection {
    const connection = this.#open(this.#places);
    connection.slot = this.#freeSlots.pop() ?? this.#connections.length;
    this.#connections[connection.slot] = connection;
    this.changed(connection);
    return connection;
  }

  #settle(): void {
    const connection = this.#changed;
    if (connection === undefined) return;
    this.#changed = undefined;
    const { slot, isSuspect, ring } = connection;
    if (this.#connections[slot] !== connection) return;
    const usable = ring.length - ring.expired;
    this.#miss(slot, isSuspect ? Math.max(0, this.#places - usable) : 0);
    this.#busy.place(slot, isSuspect ? this.#places : ring.length);
  }

  #miss(slot: number, places: number): void {
    this.#allMissing += places - (this.#missing[slot] ?? 0);
    this.#missing[slot] = places;
  }
}
