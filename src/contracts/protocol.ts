/** The adapter that knows one system under test. A new system is one implementation of Protocol. */
import type { Clock } from "../core/clock.ts";
import type { DeploymentPlan, Endpoint, Plane } from "./deployment.ts";
import type { NativeCounters, NodeLoad } from "./native.ts";

export interface DeploymentRequest {
  /** Nodes in the committee, at least 1. */
  readonly nodes: number;
  /** The protocol's own options, checked by it. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What a user named in place of the program that the adapter would take. */
  readonly program?: ChosenProgram | undefined;
  /** The load that the nodes make themselves, where they do; absent: none. */
  readonly load?: NodeLoad | undefined;
}

/** The nodes' program as a user named it. */
export interface ChosenProgram {
  /** Absolute path of an executable file. */
  readonly path?: string | undefined;
  /** Name of an image. */
  readonly image?: string | undefined;
}

/** What an option of a protocol may be. */
export type AllowedValue =
  | { readonly kind: "number"; readonly least: number; readonly most: number; readonly whole: boolean }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  /** Any line of text. */
  | { readonly kind: "text" };

/** An option of a protocol: how its nodes are told to work. */
export interface ProtocolOption {
  /** Camel case with the unit: "leaderTimeoutMs". Results have it in snake case. */
  readonly name: string;
  /** A few words: "longest wait for a round's leaders". */
  readonly meaning: string;
  readonly allowed: AllowedValue;
  readonly default: number | string;
  /** For nodes on several hosts, where it is another one. */
  readonly remoteDefault?: number | string | undefined;
  /** Its default by the value of the protocol's option `tuning`, where that makes it another one. */
  readonly tuned?: Readonly<Record<string, number | string>> | undefined;
}

/** Where nodes show their own counters in Prometheus' text format, and which are worth keeping. */
export interface NodeMetrics {
  readonly plane: Plane;
  /** "/metrics" */
  readonly path: string;
  /** Names of metrics, or beginnings of names that end in "*". Empty: none. */
  readonly keep: readonly string[];
}

/** What a node says of itself, from its RPC. */
export interface NodeHealth {
  /** Latest committed height; absent where the system has none, and then nobody waits for it to grow. */
  readonly height?: number | undefined;
  /** Connected peers; absent where it does not tell. */
  readonly peers?: number | undefined;
  /** It knows that others are further. A node that has just started may not know yet. */
  readonly catchingUp: boolean;
}

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
  /**
   * Making one takes so long (a signature) that a client makes all of its share before the run, and keeps them: as many
   * bytes as they have.
   */
  readonly madeAhead?: boolean | undefined;
  /** undefined for a transaction that is not of this form. */
  readonly identify: (transaction: Uint8Array) => TransactionIdentity | undefined;
  /** A transaction's first bytes say which it is: so many of them. */
  readonly headBytes: number;
  /**
   * `identify` without an object for each transaction.
   *
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

/**
 * A submission's body (or path), made once: what differs from one transaction to the next has a fixed place and length in it, so
 * that a sender need not make it anew.
 */
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
  /**
   * The same bodies as `body`, transaction by transaction, as a template. Left out where their length is not constant.
   *
   * @param transaction of sequence number 0
   */
  readonly template?: (transaction: Uint8Array) => BodyTemplate;
  /**
   * Whether a reply's body, bytes `start` to `end`, is the usual acceptance of this transaction, told by a few bytes.
   * Where it says no, `classify` decides.
   */
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
  /** In any order. `id` undefined: it cannot be told which of them it is about. */
  | {
      readonly kind: "each";
      readonly replies: readonly { readonly id: number | undefined; readonly reply: SubmissionReply }[];
    }
  /** One answer for all: none of them was taken. */
  | { readonly kind: "refused"; readonly reason: string };

/** How transactions are submitted over WebSocket: each body is a text message, and so is each reply. */
export interface WebSocketSubmission {
  /** Where connections become WebSockets. */
  readonly path: string;
  /** What a message says of which transaction; undefined for one that is no reply to any (an event). */
  readonly read: (message: string) => WebSocketReply | undefined;
}

/** `id` undefined: it cannot be told which transaction it is about. */
export interface WebSocketReply {
  readonly id: number | undefined;
  readonly reply: SubmissionReply;
}

/** From `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface CommittedBlock {
  /** From 1, without gaps; of a system that a user describes, its positions: rising, from 0, there may be gaps. */
  readonly height: number;
  /** Equal on all nodes at one height, or they disagree on the committed prefix. */
  readonly fingerprint: string;
  /** How many it has. */
  readonly transactions: number;
  /**
   * The first `headBytes` (of whoever observes) of each transaction that is so long, packed one after another. Shorter
   * ones are left out.
   */
  readonly heads: Uint8Array;
  /** Length of the message that it came in. */
  readonly messageBytes: number;
  /** The block's own time, by its proposers' clocks, milliseconds since 1970 UTC; absent where blocks have none. */
  readonly timeMs?: number | undefined;
}

/** How a block came to an observer. */
export interface BlockSighting {
  /** Fetched after a lost subscription, so it was committed earlier than it is seen. */
  readonly missed: boolean;
  /** When its message had been read to the end, and was not decoded yet; on the observer's monotonic clock. */
  readonly readMs: number;
}

/** What a commit observer tells. Calls come in the order of heights, each height once. */
export interface CommitListener {
  readonly block: (block: CommittedBlock, seen: BlockSighting) => void;
  /** The subscription broke; it is being restored. Told again where it becomes clearer why that takes time. */
  readonly lost: (reason: string) => void;
  /** There is no subscription to be had: from now on the node is asked for new blocks, so often. */
  readonly polling: (everyMs: number, reason: string) => void;
  /** A subscription stands (again), or the node that is asked for its blocks answers again. */
  readonly restored: (missedHeights: number) => void;
  /** The observer lost its place: heights cannot be had any more, or have changed. It goes on with what follows. */
  readonly failed: (reason: string) => void;
}

/** Watches one node's commits until it is disposed of: reconnects as long as it takes, and fetches what it missed. */
export interface CommitObserver extends AsyncDisposable {
  /** Highest height told so far; 0 before the first. */
  readonly height: () => number;
  /** `readMs` of the oldest block that was read and is not told yet, as one that waits for those before it. */
  readonly untoldSinceMs: () => number | undefined;
  /**
   * Other nodes have shown this height, and this one nothing new for long: looks whether its subscription still
   * stands, and opens another where it does not. Left out where nodes are asked again and again.
   */
  readonly doubt?: (height: number) => void;
}

export interface ObserveOptions {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Of each transaction, so many bytes are told. */
  readonly headBytes: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

export interface ProbeOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How a node is asked for what it has committed. */
export interface BlockHistory {
  /**
   * The fingerprint names the whole prefix: two nodes that show the same one at a height hold the same blocks at all
   * heights below it too.
   */
  readonly chained: boolean;
  /** Fingerprint of the node's block at a height; undefined where it says that it has none there; else rejects. */
  readonly fingerprintAt: (
    rpc: Endpoint,
    height: number,
    options: ProbeOptions,
  ) => Promise<string | undefined>;
}

export interface Protocol {
  readonly name: string;
  /** What it is, a few words: "embedded Mysticeti-C validators". */
  readonly title: string;
  /** How its nodes can be told to work. */
  readonly options: readonly ProtocolOption[];
  /**
   * URL of a module that holds this adapter in a list `protocols`, so that clients in other threads and processes have
   * it too. Left out: where it is not one of the tool's own, its clients run in the thread of whoever runs the sweep.
   */
  readonly module?: string;
  /**
   * Plain JSON that this adapter was made of (a description in a file, checked), so that clients in other processes, and
   * whoever goes on with a sweep, make it again. Absent: its name says all.
   */
  readonly definition?: unknown;
  /** Nodes that may fail while the committee of `nodes` goes on; 0 where one is too many. */
  readonly toleratedFaults: (nodes: number) => number;
  readonly plan: (request: DeploymentRequest) => DeploymentPlan;
  /** Asks one node; rejects where it does not answer. */
  readonly probe: (rpc: Endpoint, options: ProbeOptions) => Promise<NodeHealth>;
  readonly transactions: TransactionFormat;
  readonly submission: Submission;
  /** undefined where commits cannot be observed. Resolves once the subscription stands, or the node is polled. */
  readonly observeCommits?: (
    rpc: Endpoint,
    listener: CommitListener,
    options: ObserveOptions,
  ) => Promise<CommitObserver>;
  /** undefined where nodes cannot be asked for their blocks. */
  readonly history?: BlockHistory;
  /** undefined where nodes show none. */
  readonly metrics?: NodeMetrics;
  /** The nodes make the load themselves, and this tells of it; then `transactions` and `submission` are never used. */
  readonly native?: NativeCounters;
}
