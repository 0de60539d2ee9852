import type { SendFailure, TransportListener } from "../transport.ts";

/** One connection of a pool. What it takes leaves in order, some transactions to a request. */
export interface Connection {
  /** Requests under way; Infinity where it takes none for now: it does not stand, is full, or owes a reply too long. */
  readonly load: number;
  /**
   * Puts a transaction into the request that is being made.
   *
   * @param sinceMs when it was handed over, from which its time-out counts
   */
  readonly take: (sequence: number, sinceMs: number) => void;
  /** That request is whole. */
  readonly endRequest: () => void;
  /** Writes all requests that were made since the last time. */
  readonly flush: () => void;
  /**
   * Ends what was handed over at that time or before as timed out.
   *
   * @returns when the oldest one that is left was handed over; Infinity: there is none
   */
  readonly expire: (untilMs: number, nowMs: number) => number;
  /** Called every few seconds: shows life where nothing else does, and ends a connection whose peer shows none. */
  readonly keepAlive: () => void;
  /** Ends it at once. Tells nothing. */
  readonly destroy: () => void;
}

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
