/** The adapter that knows one system under test. A new system is one implementation of Protocol. */

import type { AllowedValue } from "../core/allowed-value.ts";
import type { DeploymentPlan } from "./deployment.ts";
import type { CommitListener, CommitObserver, ObserveOptions } from "./load/commits.ts";
import type { FlowReports } from "./load/flows.ts";
import type { NativeCounters, NodeLoad } from "./load/node-load.ts";
import type { PeerReports } from "./load/peer-events.ts";
import type { Submission, TransactionFormat } from "./load/submission.ts";
import type { Endpoint, Plane } from "./nodes/node.ts";
import type { BrowserStatus } from "./peer-tests/node-files.ts";
import type { RunParameters } from "./results/run-parameters.ts";

export interface DeploymentRequest {
  /** Nodes in the committee, at least 1. */
  readonly nodes: number;
  /** The protocol's own options, checked by it. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What a user named in place of the program that the adapter would take. */
  readonly program?: RunParameters["program"];
  /** The load that the nodes make themselves, where they do; absent: none. */
  readonly load?: NodeLoad | undefined;
}

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

export interface ProbeOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How a node is asked for what it has committed. */
export interface BlockHistory {
  /** The fingerprint names the whole prefix: equal ones at a height mean equal blocks at all heights below it. */
  readonly chained: boolean;
  /** Fingerprint of the node's block at a height; undefined where it says that it has none there; else rejects. */
  readonly fingerprintAt: (
    rpc: Endpoint,
    height: number,
    options: ProbeOptions,
  ) => Promise<string | undefined>;
}

/** What peers that run routines report, and how they are asked for it. */
export interface RoutineReports {
  /** Of the helper to which they report, on its plane rpc; it has made the test that they take part in. */
  readonly resultsServerRole: string;
  /** How far a node's peer is. Rejects where it does not answer. */
  readonly readStatus: (rpc: Endpoint, options: ProbeOptions) => Promise<BrowserStatus>;
}

export interface Protocol {
  readonly name: string;
  /** What it is, a few words: "embedded Mysticeti-C validators". */
  readonly title: string;
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
  /** The nodes write and read messages themselves, and tell of each; `transactions` and `submission` are never used. */
  readonly messages?: (options: Readonly<Record<string, unknown>>) => PeerReports;
  /** The nodes run routines in a test, and report to a results server; `transactions` and `submission` are never used. */
  readonly routines?: RoutineReports;
  /** The nodes are hosts of a network under test, and flows go through it; `transactions` and `submission` are never used. */
  readonly flows?: (options: Readonly<Record<string, unknown>>, load: NodeLoad) => FlowReports;
}
