/** What peers tell of the messages that they write and read, and how they are asked for it. */
import type { Plane } from "../nodes/node.ts";

/** When it happened by the peer's own clock, milliseconds since 1970 with their fraction. */
interface Timed {
  readonly at: number;
}

/** The peer wrote a message. */
export interface WriteEvent extends Timed {
  readonly type: "write";
  /** Unique among the messages of its writer, printable ASCII, at most `longestIdBytes`. */
  readonly id: string;
  /** When its schedule said so, by the same clock; absent: it has no schedule. */
  readonly due?: number | undefined;
  /** Of the payload. */
  readonly size: number;
}

/** A message of another peer can be read here, for the first time or once more. */
export interface ReadEvent extends Timed {
  readonly type: "read";
  readonly id: string;
  /** Name of the node that wrote it. */
  readonly from: string;
}

/**
 * One try, at a fixed rate, whatever became of the one before. read: the peer's own store answers. write: it takes a value.
 * fresh: of every other peer there is something that is no older than `freshMs`.
 */
export interface ProbeEvent extends Timed {
  readonly type: "probe";
  readonly op: "read" | "write" | "fresh";
  readonly ok: boolean;
  readonly ms: number;
}

export interface ConnectionEvent extends Timed {
  readonly type: "connect" | "disconnect";
  /** Name of the node at the other end. */
  readonly peer: string;
}

/** Bytes of the store's own traffic with another peer since the writer of the event started, both counters rising. */
export interface BytesEvent extends Timed {
  readonly type: "bytes";
  readonly peer: string;
  readonly sent: number;
  readonly received: number;
}

/** What the peer's store would take to send whole. */
export interface StateEvent extends Timed {
  readonly type: "state";
  readonly bytes: number;
}

/** The peer begins: what it says later is of a new life, in which counters begin anew. */
export interface StartEvent extends Timed {
  readonly type: "start";
  /** "debug" or "release", where the program knows. */
  readonly flavour?: string | undefined;
}

export type PeerEvent =
  | WriteEvent
  | ReadEvent
  | ProbeEvent
  | ConnectionEvent
  | BytesEvent
  | StateEvent
  | StartEvent;

export const longestIdBytes = 64;
export const longestEventBytes = 1024;
/** A peer's data is stale above this: the default schedule writes at least once a second. */
export const freshMs = 2000;

/** Peers of `baleen mesh`, and what each writes a second: a random gap of (0.01, 0.99] s has a mean of half a second. */
export const usualPeers = 8;
export const usualMessagesPerPeer = 2;

/** Where the lines of events are. Each is one JSON object; other lines of a log are passed over. */
export type PeerEventSource =
  /** The node's output, read at the end of a run. */
  | { readonly from: "log" }
  /** GET; `${cursor}` in the path is the byte from which on it is asked for, and the reply holds whole lines only. */
  | {
      readonly from: "http";
      readonly plane: Plane;
      readonly path: string;
      /** Each has the events of all: the first node that is up is asked, and `${node}` in the path is the one meant. */
      readonly via?: "any" | undefined;
    }
  /** The nodes push them to a sink (`baleen serve --events-dir`), from which they are read. */
  | {
      readonly from: "sink";
      /** "http://host:port" */
      readonly origin: string;
      /** Pointer to the name of a node's stream in its status. */
      readonly stream: string;
    };

/** GET; each pointer (RFC 6901) is to a place in the reply's JSON. */
export interface PeerStatusSource {
  readonly plane: Plane;
  readonly path: string;
  /** The peer's clock, milliseconds since 1970; absent: it is taken for that of its host. */
  readonly clock?: string | undefined;
  /** Hash of the plan that the peer goes by, which must be the same on all. */
  readonly plan?: string | undefined;
  /** How many bytes of events the node has told, all of which must be read. */
  readonly told?: string | undefined;
  /** Names of the nodes that it is connected to, or how many these are. */
  readonly connections?: string | undefined;
}

export interface PeerReports {
  readonly events: PeerEventSource;
  readonly status?: PeerStatusSource | undefined;
}
