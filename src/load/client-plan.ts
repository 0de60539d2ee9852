import type { Endpoint, NodeName } from "../contracts/deployment.ts";
import type { LatencyKind, Ledger } from "../contracts/result.ts";
import type { LatencyRecord } from "../stats/latency-record.ts";

/** What one load-generating client has to do; plain JSON, so that it can run elsewhere. */
export interface ClientPlan {
  /** Stands in every transaction and tells runs apart. */
  readonly run: number;
  readonly client: number;
  /** Payloads and arrivals follow from it. */
  readonly seed: number;
  /** Transactions go round-robin over these, by sequence number, whatever state a node is in. */
  readonly targets: readonly { readonly node: NodeName; readonly rpc: Endpoint }[];
  /** Offered load of this client, transactions per second, above 0. */
  readonly rateTps: number;
  /** constant: transaction i is due at start + i / rate. poisson: exponential gaps of that mean. */
  readonly arrival: "constant" | "poisson";
  readonly transactionSizeBytes: number;
  /** Before the window; its transactions are extra and discarded. */
  readonly warmUpMs: number;
  /** Exactly this many transactions are due in the window … */
  readonly windowTransactions: number;
  /** … which is this long. */
  readonly windowMs: number;
  /** At most this long after the window; ends early when nothing is outstanding. */
  readonly drainMs: number;
  /** A reply later than this after the send counts as timed out. */
  readonly requestTimeoutMs: number;
  /** Requests under way at once, over all targets; each has an equal share. */
  readonly maxInFlight: number;
  /** Transactions that may wait for a place in flight, likewise; past it they are dropped, and counted. */
  readonly queueLimit: number;
  /** Sends later than this against their due time are counted as late. */
  readonly lateAfterMs: number;
  /** A transaction whose target cannot be reached goes to the next one. Off: it fails. */
  readonly failover: boolean;
  /** Parts of the run that are told apart by when a transaction is due, in order. Empty: none. */
  readonly stretches: readonly Stretch[];
}

/** A part of the run, up to the next one's beginning. */
export interface Stretch {
  /** Milliseconds since the start of the window; the first begins before the warm-up (at -warmUpMs). */
  readonly fromMs: number;
  /** Targets that are meant to be down, by their place in `targets`. */
  readonly down: readonly number[];
}

/** What became of the transactions due in a stretch, warm-up ones included, by whether their first target was to be up. */
export interface StretchTally {
  readonly scheduled: number;
  readonly committed: number;
  /** Headline latency (commit where it can be observed, else response), those not seen censored at their age. */
  readonly latency: LatencyRecord;
}

/** Two nodes that showed different blocks at one height. */
export interface Disagreement {
  readonly height: number;
  readonly fingerprints: Readonly<Record<NodeName, string>>;
}

/** A stretch in which the client itself stood still (the machine slept, the process was stopped). */
export interface Standstill {
  /** Seconds since the start of the window. */
  readonly atSecs: number;
  readonly lengthMs: number;
  /** asleep: wall time ran ahead of monotonic time; stopped: the process got no time; clock-step: wall time jumped. */
  readonly cause: "asleep" | "stopped" | "clock-step";
}

/** What one client found. Raw enough to be merged with other clients' and recomputed. */
export interface ClientReport {
  readonly ledger: Ledger;
  /** Start of the window, milliseconds since 1970 UTC. */
  readonly windowStartedAtMs: number;
  /** Commits seen inside the window, warm-up transactions' included; undefined where commits cannot be observed. */
  readonly committedInWindow: number | undefined;
  /** Acknowledgements inside the window, likewise. */
  readonly acknowledgedInWindow: number;
  readonly latency: Readonly<Record<LatencyKind, LatencyRecord | undefined>>;
  readonly lateness: LatencyRecord;
  /**
   * Transactions of the window by why they were not taken: the node's reason for a rejection, or
   * "connection failed: CODE" (ECONNREFUSED, EMFILE, UND_ERR_SOCKET for a hang-up). At most a hundred kinds; further
   * ones are "other reasons".
   */
  readonly rejections: ReadonlyMap<string, number>;
  /** At most ten, lowest heights first. */
  readonly disagreements: readonly Disagreement[];
  /** Observers that lost their place, and why. */
  readonly observerFailures: readonly { readonly node: NodeName; readonly reason: string }[];
  readonly standstills: readonly Standstill[];
  /** The in-flight cap kept a due transaction waiting while its node still answered. */
  readonly inFlightCapReached: boolean;
  /** Transactions due in the window that were sent to another target than their own. */
  readonly redirected: number;
  /** In the order of the plan's. */
  readonly stretches: readonly { readonly up: StretchTally; readonly down: StretchTally }[];
  /**
   * When each height was first seen at any target, milliseconds since the start of the window, ascending; empty
   * unless the plan has stretches.
   */
  readonly heightsSeenMs: readonly number[];
}
