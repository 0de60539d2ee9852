/** Events: what everything long tells of itself, as plain JSON that is saved as events.ndjson as it is. */

import type { LinkState } from "./hosts/host.ts";
import type { HostSecond, NodeSecond } from "./hosts/host-load.ts";
import type { LiveGround, LiveView } from "./links/live.ts";
import type { BoundedValue } from "./results/bounded.ts";
import type { FaultRecord } from "./results/faults.ts";
import type { GeneratorSecond } from "./results/generator.ts";
import type { Ledger } from "./results/latency.ts";
import type { LinkChangeRecord } from "./results/links/link-changes.ts";
import type { JudgedProbe } from "./results/search.ts";
import type { LostClients, RunEvidence } from "./results/verdict.ts";

/** What one event says; the envelope is added by whoever emits it. Numbers carry their unit in the name. */
export type EventBody = KeptBody | PassingBody;

/** What is worth showing while it goes on, and not worth keeping: no envelope, no place in events.ndjson. */
export type PassingBody =
  /** An image on its way to a host; at most four times a second for each host. */
  | {
      readonly type: "image-transfer";
      readonly host: string;
      readonly sentBytes: number;
      readonly totalBytes: number;
    }
  /** The highest block seen of each node, of those that have shown one; once a second where one of them has grown. */
  | {
      readonly type: "node-heights";
      readonly heights: readonly { readonly node: string; readonly height: number }[];
    };

/** What every listener is told, and a bundle keeps. */
export type KeptBody =
  | {
      readonly type: "sweep-started";
      readonly network: string;
      readonly runtime: string;
      /** Why that one, where it was not asked for. */
      readonly runtimeReason?: string;
      /** What people call it. */
      readonly name?: string;
      readonly tags?: Readonly<Record<string, string>>;
      /** Empty in a search. */
      readonly loadsTps: readonly number[];
      /** Its loads are transactions under way, not so many a second; absent in an open loop. */
      readonly closedLoop?: true;
      /** Of each load; absent: one. */
      readonly runs?: number;
      /** Between which loads the highest sustained one is looked for; absent where the loads are given. */
      readonly search?: { readonly fromTps: number; readonly toTps: number };
      readonly bundle?: string;
      /** Names of the committee's nodes; absent in earlier bundles. */
      readonly nodes?: readonly string[];
      /** Where a transaction's way ends: where commits cannot be observed, with its reply. Absent in earlier bundles. */
      readonly completion?: "committed" | "acknowledged";
      /** Peers run routines, of which `routine-step` tells, or hosts have flows: there are no seconds of transactions. */
      readonly load?: "routines" | "flows";
      /** The run that it goes on with, where an earlier command has finished those before. */
      readonly firstRun?: number;
    }
  /** Without the number of planned runs where nobody can know it: in a search. */
  | { readonly type: "sweep-finished"; readonly finishedRuns: number; readonly plannedRuns?: number }
  /** A run is created → ready → started → finished. */
  | {
      readonly type: "run-created";
      readonly benchmarkNumber: number;
      readonly loadTps: number;
      /** As of the sweep. */
      readonly closedLoop?: true;
      /** From 1 within its load, and of how many; absent where its load runs once, and in a search. */
      readonly repetition?: number;
      readonly repetitions?: number;
      /** Lengths of its phases; absent in earlier bundles. */
      readonly warmUpSecs?: number;
      readonly windowSecs?: number;
      /** At most. */
      readonly drainSecs?: number;
    }
  | { readonly type: "run-ready"; readonly benchmarkNumber: number; readonly readyAfterMs: number }
  | { readonly type: "run-started"; readonly benchmarkNumber: number }
  | {
      readonly type: "run-finished";
      readonly benchmarkNumber: number;
      readonly status: string;
      readonly file?: string;
      /** The main figures of its result, as far as they were observed; absent in earlier bundles. */
      readonly figures?: RunFigures;
    }
  | ({ readonly type: "search-probe" } & JudgedProbe)
  /** One step of bringing a network up or down, for people: "building the image", "starting node2". */
  | {
      readonly type: "network-step";
      readonly step: string;
      readonly detail?: string | undefined;
      /** The one host on which it is done. */
      readonly host?: string;
      /** The node that is ready with it. */
      readonly readyNode?: string;
    }
  | ({ readonly type: "node-exited" } & RunEvidence["nodeExits"][number])
  /** What still exists after the end, and the command that removes it. */
  | { readonly type: "network-left"; readonly what: readonly string[]; readonly command: string }
  /** A client makes its transactions before the run, where that takes time. */
  | { readonly type: "transactions-made"; readonly made: number; readonly of: number }
  | {
      readonly type: "load-phase";
      readonly phase: "warm-up" | "window" | "drain" | "done";
      /** For the window: how much later than its start this is said. */
      readonly lateMs?: number;
      /** For the warm-up: when the window will begin, milliseconds since 1970 UTC. */
      readonly windowStartsAtMs?: number;
    }
  | ({ readonly type: "load-second" } & SecondRow)
  | ({ readonly type: "routine-step" } & LiveRoutineStep)
  /** One second of one machine, and of the nodes on it that could be asked; a row of host-load.csv. */
  | ({ readonly type: "machine-second"; readonly nodes?: readonly NodeSecond[] } & HostSecond)
  /** The connection to a host was lost, stands again, or is not tried any more. */
  | ({ readonly type: "host-link"; readonly host: string } & LinkState)
  /** The run goes on without them. */
  | ({ readonly type: "clients-lost" } & LostClients)
  | {
      readonly type: "observer-lost";
      readonly node: string;
      readonly reason: string;
      /** The node was crashed on purpose. */
      readonly expected?: true;
    }
  | {
      readonly type: "observer-restored";
      readonly node: string;
      readonly missedHeights: number;
      readonly expected?: true;
    }
  /** A node has no subscription, and is asked for new blocks so often. */
  | {
      readonly type: "observer-polls";
      readonly node: string;
      readonly everyMs: number;
      readonly reason: string;
    }
  /** Something done to a node on purpose: ordered, seen to have its effect, or not carried out. */
  | ({ readonly type: "fault"; readonly stage: "issued" | "effective" | "failed" } & FaultRecord)
  /** The same of links; `stage` is that of the action. */
  | ({ readonly type: "link-change"; readonly state: "issued" | "effective" | "failed" } & LinkChangeRecord)
  /** What links emulate, and where nodes are: at the beginning, at changes, and about once a second while nodes move. */
  | ({ readonly type: "ground" } & LiveGround)
  /** What hosts say of the network under test, whenever that has changed. */
  | ({ readonly type: "network-view" } & LiveView)
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "debug"; readonly message: string };

export type BaleenEvent = KeptBody & {
  /** Version of this form. */
  readonly v: 1;
  /** Id of the sweep that it belongs to. */
  readonly run: string;
  /** Who says it: "coordinator", "client0", "node2". */
  readonly source: string;
  /** Counts up from 0 per source without gaps. */
  readonly seq: number;
  /** Wall time, RFC 3339 UTC with milliseconds. */
  readonly t: string;
};

/** Takes an event's body; never throws, never waits. @param source who says it, where not the emitter: "client0" */
export type Emit = (body: EventBody, source?: string) => void;

/** The main figures of a run's result. */
export interface RunFigures {
  readonly throughputTps?: BoundedValue | undefined;
  /** Of the headline latency. */
  readonly p50Ms?: BoundedValue | undefined;
  readonly p99Ms?: BoundedValue | undefined;
  /** Where its transactions ended; absent where the nodes made the load. */
  readonly ledger?: Ledger | undefined;
}

/** What happened in one second of a run; a row of timeseries.csv. Counts are of this second alone. */
export interface SecondRow extends GeneratorSecond {
  /**
   * Start of the row, seconds since the start of the measurement window: whole ones, negative in the warm-up. The one
   * fraction that there may be is the end of a window that is no whole number of seconds: the row from there on.
   */
  readonly second: number;
  readonly due: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly committed: number;
  /** Refused, timed out (it may be committed yet, and counts there too) or never sent. Absent in earlier bundles. */
  readonly failed?: number;
  /** Headline latency of the transactions completed in this second; absent where there was none. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** The same latencies by the buckets of `latencyEdgesMs`: above the edge before, up to its own; the last has no end. */
  readonly latencyCounts?: readonly number[];
  /** Their sum, within 1/2,048. */
  readonly latencySumMs?: number;
  /** The same latencies as a line of an HdrHistogram log; the bundle keeps it, and listeners do not get it. */
  readonly histogram?: string;
}

/**
 * What peers in browsers did between two of their data points, as far as they had reported it soon after. Rates are those
 * of all peers together; what no peer tells is left out.
 */
export interface LiveRoutineStep {
  /** Its start, seconds since the start of the measurement window, and its length: about those of each peer's data point. */
  readonly second: number;
  readonly lengthSecs: number;
  /** That have reported of late; all figures are of these. */
  readonly peers: number;
  /** Packets, by the library's counters. */
  readonly sentPerSec: number;
  readonly receivedPerSec: number;
  readonly relayedPerSec: number;
  /** Messages of other peers that arrived, each counted once at each peer. */
  readonly deliveredPerSec?: number;
  /** Of a peer, mean. */
  readonly connections?: number;
  /** Calls of the routine per second: mean of the peers, and the slowest one's. */
  readonly tickRateMeanPerSec?: number;
  readonly tickRateLeastPerSec?: number;
  /** Of all peers' pages. */
  readonly timerLatenessMaxMs?: number;
}
