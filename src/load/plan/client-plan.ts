import type { RatePiece } from "../../contracts/load/load-profile.ts";
import type { TransportPlan } from "../../contracts/load/transport.ts";
import type { Endpoint, NodeName } from "../../contracts/nodes/node.ts";
import type { GeneratorFigures, ObserverFigures } from "../../contracts/results/generator.ts";
import type { LatencyKind, Ledger } from "../../contracts/results/latency.ts";
import type { Stall } from "../../contracts/results/verdict.ts";
import type { LatencyRecord } from "../../metrics/stats/latency-record.ts";
import type { SignedRecord } from "../../metrics/stats/signed-record.ts";
import type { Segment } from "../timeline/segments.ts";
import type { AgreementFindings } from "./agreement.ts";

export type { Segment };

/** What one load-generating client has to do; plain JSON, so that it can run elsewhere. */
export interface ClientPlan {
  /** Stands in every transaction and tells runs apart. */
  readonly run: number;
  /** Likewise clients, 0 to 65,535. */
  readonly client: number;
  /**
   * The run's transactions are numbered from 0 over warm-up and window, whoever sends them: this client sends those
   * whose number leaves `index` when divided by `of`.
   */
  readonly share: { readonly index: number; readonly of: number };
  /** Payloads and arrivals follow from it. */
  readonly seed: number;
  /**
   * Transaction i, the ⌊i / share.of⌋-th of this client, belongs to target ⌊i / share.of⌋ mod n, whatever state a node
   * is in. It is sent there, unless `failover` sends it elsewhere. Clients begin with different targets.
   */
  readonly targets: readonly { readonly node: NodeName; readonly rpc: Endpoint }[];
  readonly transport: TransportPlan;
  /**
   * Offered load of all clients together, transactions per second, above 0; the highest one where it changes. In a
   * closed loop an estimate, for the clients' memory and number.
   */
  readonly rateTps: number;
  /**
   * How the rate changes over the window: pieces in order and without gaps, from its start to its end. The warm-up has
   * the rate that the first one begins with. Absent: the rate is `rateTps` all the time.
   */
  readonly rates?: readonly RatePiece[] | undefined;
  /**
   * This many transactions of all clients together are under way at any time, warm-up and window: when one has its
   * reply, or has failed, the next one is due, and sent. Then there are no arrivals, `rates` and `windowTransactions`
   * (0) do not count, and a transaction of the warm-up is one that was sent in it.
   */
  readonly closedLoop?: { readonly inFlight: number } | undefined;
  /**
   * constant: transaction i is due when the rate's integral has come to i, so at start + i / rate where that is always
   * the same. poisson: at random, each moment with the rate that it has.
   */
  readonly arrival: "constant" | "poisson";
  readonly pacing: PacingMode;
  readonly transactionSizeBytes: number;
  /** Before the window; its transactions are extra and discarded. */
  readonly warmUpMs: number;
  /** Exactly this many transactions of all clients together are due in the window … */
  readonly windowTransactions: number;
  /** … which is this long. */
  readonly windowMs: number;
  /** At most this long after the window; ends early when nothing is outstanding. */
  readonly drainMs: number;
  /** A reply later than this after the send counts as timed out. */
  readonly requestTimeoutMs: number;
  /** This client's requests under way at once; its transactions of each target have an equal share, also with failover. */
  readonly maxInFlight: number;
  /** This client's transactions that may wait for a place in flight, likewise; past it they are dropped, and counted. */
  readonly queueLimit: number;
  /** Sends later than this against their due time are counted as late. */
  readonly lateAfterMs: number;
  /**
   * A transaction whose target cannot be reached goes to the next one that can, in the order of `targets`, and those
   * after it go there at once; one a second tries the target again, until it replies. Nothing is sent again that may
   * have been delivered. Off: a transaction whose target cannot be reached fails.
   */
  readonly failover: boolean;
  /**
   * Parts of the run that are told apart by when a transaction is due, in order; `down` names targets by their place.
   * Empty: none. Each costs up to 0.8 MB of memory, the records of its latencies.
   */
  readonly segments: readonly Segment[];
}

/**
 * How a client waits for the next due time. precise: turns its event loop over, which uses a core. balanced: sleeps up
 * to a tenth of a millisecond at a time. eco: sends once a millisecond what is due.
 */
export type PacingMode = "precise" | "balanced" | "eco";

/**
 * What became of the transactions due in a segment, warm-up ones included, whose own target was meant to be up (or
 * down) in it, wherever failover sent them.
 */
export interface SegmentTally {
  readonly scheduled: number;
  /** Seen committed by the end of the run, in whichever segment; acknowledged, where commits cannot be observed. */
  readonly committed: number;
  /**
   * Headline latency (commit where it can be observed, else response) of the committed ones; all others are censored
   * at their age at the end of the run. (A response is awaited for no longer than the request's time-out.)
   */
  readonly latency: LatencyRecord;
}

/** What one client, or several together, found by sending. Raw enough to be merged and recomputed. */
export interface SenderReport {
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
   * "connection failed: CODE" (ECONNREFUSED, EMFILE, CLOSED for a hang-up). At most a hundred kinds; further ones are
   * "other reasons".
   */
  readonly rejections: ReadonlyMap<string, number>;
  readonly stalls: readonly Stall[];
  /** The in-flight cap kept a due transaction waiting while its node still answered; not after a stall of the node. */
  readonly inFlightCapReached: boolean;
  /** Transactions due in the window that another target than their own took, or may have taken. */
  readonly redirected: number;
  /** In the order of the plan's. */
  readonly segments: readonly {
    readonly up: SegmentTally;
    readonly down: SegmentTally;
    /**
     * Commits seen in the segment's time up to the end of the window, whenever they were due; acknowledgements, where
     * commits cannot be observed.
     */
    readonly observed: number;
  }[];
  readonly generator: GeneratorFigures;
}

/** What watching the nodes' commits found, of one process's nodes or of all. */
export interface ObserverReport {
  /** Nodes whose blocks were read, and from which to which height they were; absent where none came. */
  readonly watched: {
    readonly nodes: readonly NodeName[];
    readonly heights?: { readonly from: number; readonly to: number } | undefined;
  };
  /** The nodes' blocks, compared; undefined where there are no two whose commits can be observed. */
  readonly agreement: AgreementFindings | undefined;
  /** Seen here minus the block's own time, of blocks first seen within the window. */
  readonly blockAges: SignedRecord;
  /**
   * Observers that lost their place, so that heights of the node were not seen, and those without a subscription at the
   * end, and why. A node may stand in both ways.
   */
  readonly observerFailures: readonly { readonly node: NodeName; readonly reason: string }[];
  /**
   * When each new highest height was first seen at any target, milliseconds since the start of the window, ascending;
   * empty unless the plan has segments. At most a million: the run warns of any that came after them.
   */
  readonly heightsSeenMs: readonly number[];
  /** The heights of those times, rising. */
  readonly heightsSeen: readonly number[];
  /** undefined where commits cannot be observed. */
  readonly observer: ObserverFigures | undefined;
}

/** What was found by both. */
export type ClientReport = SenderReport & ObserverReport;
