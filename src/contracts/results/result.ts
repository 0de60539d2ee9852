/** What a run found, in the words of docs; the published JSON is made from it by bundle/ alone. */

import type { EnvironmentReport } from "../hosts/host-load.ts";
import type { LoadKind } from "../load/load-profile.ts";
import type { LinkReport } from "../nodes/links.ts";
import type { RunEvidence } from "./evidence.ts";
import type { FaultOutcome } from "./faults.ts";
import type { GeneratorFigures, ObserverFigures } from "./generator.ts";
import type { NodeOutcome } from "./node-outcome.ts";
import type { RunParameters } from "./run-parameters.ts";
import type { BlockAge, SafetyReport } from "./safety.ts";
import type { Verdict } from "./verdict.ts";

/** Fates of a transaction that was sent, by its reply. */
export type ReplyFate = "acknowledged" | "rejected" | "timedOut" | "connectionFailed";

/**
 * Of the transactions due in the window: every one stands in exactly one place.
 * scheduled = Σ cells + unsent.dropped + unsent.cut, or the run is invalid.
 */
export interface Ledger {
  readonly scheduled: number;
  /** Never sent: past the bounded queue, or cut by the end of the run. */
  readonly unsent: { readonly dropped: number; readonly cut: number };
  readonly sent: Readonly<Record<ReplyFate, { readonly committed: number; readonly notSeen: number }>>;
  /** Apart from the balance: seen committed again at another place. */
  readonly duplicateCommits: number;
  /** Apart from the balance: of our form and this run, yet never scheduled by us. */
  readonly unknownCommits: number;
  /** Apart from the balance: seen after the transaction had been let go as not seen; told from duplicates no more, those of the warm-up included. */
  readonly forgottenCommits: number;
  /** Offered later than the lateness limit allows, by the generator's own doing. */
  readonly lateSends: number;
}

/**
 * A quantile, nearest-rank over all transactions due in the window. `atLeast`: it falls among the
 * transactions whose end was not seen, so the true value is this or more.
 */
export interface Quantile {
  readonly ms: number;
  readonly atLeast: boolean;
}

/** One kind of latency of a run. Values are absent, never 0, where nothing was seen. */
export interface LatencySummary {
  /** Transactions measured. */
  readonly count: number;
  /** Transactions due in the window for which this was never seen. */
  readonly censored: number;
  /** Sum of the measured values and of their squares, whole µs and µs²; absent where there is none. */
  readonly sumUs?: bigint | undefined;
  readonly sumOfSquaresUs?: bigint | undefined;
  /** Exact over the measured ones, from the sums. */
  readonly meanMs?: number | undefined;
  /** Sample standard deviation (n - 1), likewise; absent below two. */
  readonly stdDevMs?: number | undefined;
  readonly minMs?: number | undefined;
  readonly maxMs?: number | undefined;
  readonly p50?: Quantile | undefined;
  readonly p90?: Quantile | undefined;
  readonly p95?: Quantile | undefined;
  readonly p99?: Quantile | undefined;
  readonly p999?: Quantile | undefined;
}

/** commit: due → commit seen; commitService: sent → commit seen; response: due → reply; submit: sent → reply. */
export type LatencyKind = "commit" | "commitService" | "response" | "submit";

/** The clients of some nodes in a segment: what became of the transactions due in it, whenever that was seen. */
export interface SegmentClients {
  readonly scheduled: number;
  /** Committed; acknowledged where commits cannot be observed. */
  readonly successful: number;
  /** The headline latency. */
  readonly latency: LatencySummary;
}

/** A part of a run in which the same nodes are meant to be down. Times are seconds since the start of the window. */
export interface SegmentResult {
  /** Negative for the warm-up, whose transactions stand here and nowhere else. */
  readonly fromSecs: number;
  readonly toSecs: number;
  readonly nodesDown: readonly string[];
  /** Clients of the nodes that are meant to be up. */
  readonly ofLivingNodes: SegmentClients;
  /** Clients of `nodesDown`. */
  readonly ofDeadNodes: SegmentClients;
}

/** A part of the window with a load of its own: a phase, or a step. Times are seconds since the start of the window. */
export interface PhaseResult {
  readonly name: string;
  readonly fromSecs: number;
  readonly toSecs: number;
  /** Of the window's transactions those that were due in it, and what became of them at any time. */
  readonly scheduled: number;
  readonly successful: number;
  /** The headline latency of these. */
  readonly latency: LatencySummary;
  /** Commits (or acknowledgements) seen in its time, whenever they were due. */
  readonly observed: number;
}

/** The hosts' links, measured just outside the run. */
export interface RunLinks {
  readonly before?: LinkReport | undefined;
  readonly after?: LinkReport | undefined;
  /** Seconds from the end of the first measurement to the end of the second; absent where one is missing. */
  readonly betweenSecs?: number | undefined;
}

/** A time without a connection to a host, as far as it fell into a run. Times are seconds since the start of the window. */
export interface LinkGap {
  readonly host: string;
  /** Negative where it was lost before the window. */
  readonly lostSecs: number;
  /** Absent where it was not restored before the run's end. */
  readonly lengthSecs?: number | undefined;
  readonly reason: string;
  /** It is not tried any more: what happened on the host since then is unknown. */
  readonly givenUp: boolean;
}

/** What one load-generating client did; the run's own figures are all of them together. */
export interface ClientOutcome {
  /** "client0". */
  readonly name: string;
  /** Where it ran: "coordinator", or the host's name. */
  readonly host: string;
  /** Its window began within this of the run's; absent where both go by one clock. */
  readonly startErrorMs?: number | undefined;
  readonly ledger: Ledger;
  readonly lateness: LatencySummary;
  readonly generator?: GeneratorFigures | undefined;
}

/** One load level, once. */
export interface RunResult {
  readonly kind: LoadKind;
  /** From 1 within its sweep. */
  readonly benchmarkNumber: number;
  /** From 1 within its load. */
  readonly repetition: number;
  readonly parameters: RunParameters;
  /** Start of the window, wall time in RFC 3339 UTC. */
  readonly timestamp: string;
  /** Commits (or acknowledgements) seen inside the window, warm-up transactions' included. */
  readonly observedInWindow: number;
  /** The same per second of the window. */
  readonly throughputTps: number;
  /** Transactions due in the window per second of it; absent in a closed loop, which offers what the network takes. */
  readonly offeredTps?: number | undefined;
  /** throughput / offered load, 0 to 1 and above; absent where there is none. */
  readonly efficiencyRatio?: number | undefined;
  /** committed (or acknowledged) / scheduled, of the transactions due in the window, 0 to 1. */
  readonly successRatio: number;
  readonly successful: number;
  readonly failed: number;
  /**
   * How fast the transactions that are due and not yet committed (or acknowledged) grew in number over the window, as a
   * share of the offered load; below 0 where they became fewer. Absent where the window has no three whole seconds, and
   * in a closed loop.
   */
  readonly backlogGrowthRatio?: number | undefined;
  /** Standard error of that growth; absent where it is. */
  readonly backlogGrowthErrorRatio?: number | undefined;
  /** Which latency is the headline. */
  readonly latencyKind: "commit" | "response";
  readonly latency: Readonly<Record<LatencyKind, LatencySummary | undefined>>;
  /**
   * Lateness of the generator: due → handed to a connection, or to the queue of a node whose share of the in-flight
   * cap is used up. The wait in that queue is the node's doing, and part of commit and response latency.
   */
  readonly lateness: LatencySummary;
  readonly ledger: Ledger;
  /** Rejections and failed connections by their reason, most frequent first; past a hundred kinds the others are one. */
  readonly rejections: readonly { readonly reason: string; readonly count: number }[];
  readonly nodes: readonly NodeOutcome[];
  /** In order of their times; empty where nothing was to fail. */
  readonly faults: readonly FaultOutcome[];
  /** The run, cut where another set of nodes is meant to be down; empty where nothing was to fail. */
  readonly segments: readonly SegmentResult[];
  /** The window, cut where the profile has another phase or step; empty where it has none. */
  readonly phases: readonly PhaseResult[];
  /** Transactions due in the window that failover sent to another node than their own. */
  readonly redirected: number;
  /** Clocks and round trips of the hosts, just outside the run; absent where there are none or they could not be had. */
  readonly links?: RunLinks | undefined;
  /** In order of their beginnings; empty where every connection stood all the time. */
  readonly linkGaps: readonly LinkGap[];
  /** By client; their ledgers add up to the run's. */
  readonly clients: readonly ClientOutcome[];
  /** Absent where blocks cannot be compared, as those of a single node. */
  readonly safety?: SafetyReport | undefined;
  /** Absent where no block was seen within the window, or blocks have no time of their own. */
  readonly blockAge?: BlockAge | undefined;
  /** Absent where commits could not be observed. */
  readonly observer?: ObserverFigures | undefined;
  /** Absent where nobody looked. */
  readonly environment?: EnvironmentReport | undefined;
  /** What the verdict rests on besides all this. */
  readonly evidence: RunEvidence;
  readonly verdict: Verdict;
}
