import type { Clock } from "../../core/clock.ts";

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
  /** The first `headBytes` of each transaction that is at least so long, one after another. */
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
  readonly unreportedSinceMs: () => number | undefined;
  /**
   * Other nodes have shown this height, and this one nothing new for long: looks whether its subscription still
   * stands, and opens another where it does not. Left out where nodes are asked again and again.
   */
  readonly question?: (height: number) => void;
}

export interface ObserveOptions {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Bytes from the start of each transaction that the observer wants. */
  readonly headBytes: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}
