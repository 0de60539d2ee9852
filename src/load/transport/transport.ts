import type { Submission, TransactionFormat } from "../../contracts/load/submission.ts";
import type { TransportPlan } from "../../contracts/load/transport.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { Clock } from "../../core/clock.ts";
import type { ClientPlan } from "../plan/client-plan.ts";

/** Why a transaction did not get to its node, or may not have. */
export interface SendFailure {
  /**
   * broken: it may have reached the node. unreachable: it cannot, nobody took it. unsent: it cannot, this machine had
   * no connection to give.
   */
  readonly kind: "broken" | "unreachable" | "unsent";
  /** Short and constant, to be counted by: ECONNREFUSED, HTTP_MALFORMED. */
  readonly code: string;
}

/** How a transaction ended that was not acknowledged. */
export type Miss = SendFailure | { readonly kind: "rejected"; readonly reason: string } | typeof timedOut;

/** No reply came in time. */
export const timedOut = { kind: "timedOut" } as const;

/** Is told how each transaction ended; `nowMs` is when its reply was read. Neither may throw. */
export interface TransportListener {
  readonly acknowledged: (sequence: number, nowMs: number) => void;
  readonly missed: (sequence: number, miss: Miss, nowMs: number) => void;
}

/**
 * The way to one node.
 *
 * Every transaction that is handed over ends exactly once, through the listener: never from within `send`, and never
 * after `close`. Nothing is sent twice. Nothing that a node sends makes it throw: what is no proper reply is a
 * `SendFailure` with a code of its own, for all that were under way on that connection.
 */
export interface Transport {
  /** Transactions handed over that have not ended. */
  readonly underWay: number;
  /** Most that may be under way: connections times requests in flight (times transactions per request). */
  readonly capacity: number;
  /** Takes a transaction; it leaves with the next `turn` at the latest. Only while `underWay` is below `capacity`. */
  readonly send: (sequence: number) => void;
  /**
   * To be called at the end of every turn of the event loop in which something was sent, and at least every 50 ms while
   * anything is under way: writes what was taken, one write for each connection, and ends what has waited too long.
   */
  readonly turn: (nowMs: number) => void;
  /**
   * Opens what is worth opening beforehand and finds out what the node can do (answer several requests of one
   * connection). Sends no transaction. Never rejects: what could not be had is found out again when it is needed.
   *
   * @returns what a person should know, a sentence each: "node2 does not pipeline; one request …"
   */
  readonly prepare: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Ends all connections at once; the listener is not told anything any more. */
  readonly close: () => void;
  /**
   * Replies, by kind, that belong to nothing that was awaited: an id that nobody sent, or that had its reply. They stand
   * beside the transactions, each of which ends in its own way. Left out where every reply has its request by its place.
   */
  readonly strays?: () => ReadonlyMap<string, number>;
}

/** What every transport is made from; a reply that comes later than `requestTimeoutMs` after `send` is not waited for. */
export interface TransportRequest
  extends Pick<ClientPlan, "run" | "client" | "seed" | "transactionSizeBytes" | "requestTimeoutMs"> {
  readonly rpc: Endpoint;
  readonly submission: Submission;
  readonly transactions: TransactionFormat;
  readonly plan: TransportPlan;
  /** Most connections that stand at once, as many requests on each as the plan says; opened when they are needed. */
  readonly connections: number;
  /** Most that stand at once where the node takes but one request of each. */
  readonly connectionsOfOne: number;
  /** Connections that `prepare` opens, at most; default: `mostAhead`. */
  readonly connectionsAhead?: number;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
  readonly listener: TransportListener;
}

export type OpenTransport = (request: TransportRequest) => Transport;

/** Makes the bytes of the transaction with a sequence number. */
export function encoderOf({ transactions, run, client, seed, transactionSizeBytes }: TransportRequest) {
  return (sequence: number) => transactions.encode({ run, client, sequence }, transactionSizeBytes, seed);
}

/** Most connections that a transport opens beforehand; further ones are opened when they are needed. */
export const mostAhead = 64;
