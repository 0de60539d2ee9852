import type { ByteRange } from "./commits.ts";

/** Which transaction of which client of which run this is; stands at a fixed place in the transaction's bytes. */
export interface TransactionIdentity {
  /** Tells runs apart: 0 to 2³² - 1. */
  readonly run: number;
  /** Client (worker), 0 to 65,535. */
  readonly client: number;
  /** 0 to 2⁴⁸ - 1. */
  readonly sequence: number;
}

/** Where an identity is put that is read again and again. */
export type IdentitySlot = { -readonly [Part in keyof TransactionIdentity]: TransactionIdentity[Part] };

/** How a transaction of exactly N bytes is made, and known again in a block. Pure. */
export interface TransactionFormat {
  readonly smallestBytes: number;
  readonly largestBytes: number;
  /** Sizes in between that no transaction of this form has. */
  readonly impossibleBytes?: readonly number[] | undefined;
  /** All different, seeded filler: the same identity, size and seed give the same bytes. */
  readonly encode: (identity: TransactionIdentity, sizeBytes: number, seed: number) => Uint8Array;
  /** Making one takes so long (a signature) that a client makes its whole share before the run, and keeps it. */
  readonly madeAhead?: boolean | undefined;
  /** undefined for a transaction that is not of this form. */
  readonly identify: (transaction: Uint8Array) => TransactionIdentity | undefined;
  /** A transaction's first bytes say which it is: so many of them. */
  readonly headBytes: number;
  /**
   * `identify` without an object for each transaction.
   * @param heads has a whole head at `offset`
   * @returns whether it is of this form; only then `into` holds its identity
   */
  readonly identifyHead: (heads: Uint8Array, offset: number, into: IdentitySlot) => boolean;
}

/** What a node answered to a transaction. */
export type SubmissionReply =
  | { readonly accepted: true }
  /** `reason`: short, from the node: an error code and text. */
  | { readonly accepted: false; readonly reason: string };

/** A submission's body (or path), made once: what differs from one to the next has a fixed place and length. */
export interface BodyTemplate {
  /** The whole of it for sequence number 0. */
  readonly bytes: Uint8Array;
  /** Writes the places that differ into a copy of `bytes` that begins at `offset`. */
  readonly patch: (copy: Uint8Array, offset: number, sequence: number) => void;
}

/** Where each transaction is submitted by itself: `/keys/<its key>`. */
export interface OwnPath {
  readonly of: (transaction: Uint8Array, id: number) => string;
  /** The same paths. @param transaction of sequence number 0 */
  readonly template: (transaction: Uint8Array) => BodyTemplate;
}

/** How a transaction is submitted over HTTP. Pure; the transport is the load room's. */
export interface Submission {
  /** Default POST. */
  readonly method?: "POST" | "PUT" | undefined;
  /** Where transactions have paths of their own, that of one which is never sent. */
  readonly path: string;
  /** Left out where all have one path. Theirs are all as long. */
  readonly ownPath?: OwnPath;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: (transaction: Uint8Array, id: number) => string;
  readonly classify: (status: number, body: string, id: number) => SubmissionReply;
  /** The same bodies as a template, of the transaction of sequence number 0; absent where lengths are not constant. */
  readonly template?: (transaction: Uint8Array) => BodyTemplate;
  /** Whether these bytes are the usual acceptance of this transaction; where it says no, `classify` decides. */
  readonly isUsualAcceptance?: (bytes: Uint8Array, range: ByteRange, id: number) => boolean;
  /** Left out where one request holds one transaction. */
  readonly batch?: BatchSubmission;
  /** Left out where nodes take no transactions over WebSocket. */
  readonly webSocket?: WebSocketSubmission;
}

/** How several transactions are submitted in one HTTP request: their bodies, with something around and between them. */
export interface BatchSubmission {
  /** ASCII, before the first body, between two, and after the last. A reply has the same around and between its parts. */
  readonly open: string;
  readonly separator: string;
  readonly close: string;
  /** Longest whole body that nodes take. */
  readonly largestBodyBytes: number;
  /** Takes a whole reply apart. */
  readonly split: (status: number, body: string) => BatchReply;
}

/** What a node answered to several transactions. */
export type BatchReply =
  /** In any order. */
  | { readonly kind: "each"; readonly replies: readonly WebSocketReply[] }
  /** One answer for all: none of them was taken. */
  | { readonly kind: "refused"; readonly reason: string };

/** How transactions are submitted over WebSocket: each body is a text message, and so is each reply. */
export interface WebSocketSubmission {
  /** Where connections become WebSockets. */
  readonly path: string;
  /** What a message says of which transaction; undefined for one that is no reply to any (an event). */
  readonly read: (message: string) => WebSocketReply | undefined;
}

/** What was answered to one of several; `id` undefined: it cannot be told to which. */
export interface WebSocketReply {
  readonly id: number | undefined;
  readonly reply: SubmissionReply;
}
