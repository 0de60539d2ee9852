/** Runs whose load the nodes make themselves, and what is known of them: what the nodes counted, and nothing else. */

import type { EnvironmentReport } from "../hosts/host-load.ts";
import type { CountedOf, LatencyBounds } from "../load/node-load.ts";
import type { ChosenProgram } from "../nodes/program.ts";
import type { NodeOutcome } from "./node-outcome.ts";
import type { RunResult } from "./result.ts";
import type { Verdict } from "./verdict.ts";

/** Latencies as the nodes counted them in buckets. */
export interface NativeLatency {
  readonly count: number;
  /** Exact, from sum and count; absent where there is no value. */
  readonly meanMs?: number | undefined;
  /** Sample standard deviation (n - 1), from the sum of squares; absent where that is not told. */
  readonly stdDevMs?: number | undefined;
  readonly p50?: LatencyBounds | undefined;
  readonly p90?: LatencyBounds | undefined;
  readonly p95?: LatencyBounds | undefined;
  readonly p99?: LatencyBounds | undefined;
  readonly p999?: LatencyBounds | undefined;
  /** Of all nodes put together: values at or below each edge; the last has no end. */
  readonly buckets: readonly { readonly upToMs?: number | undefined; readonly count: number }[];
}

/** What one node counted between the two looks at it that are nearest to the window's edges. */
export interface NativeNode {
  readonly name: string;
  /** Seconds from the window's start. */
  readonly fromSecs: number;
  readonly toSecs: number;
  /** How long the slower of the two answers took: its counts are of some moment of that time. */
  readonly answerSecs: number;
  readonly committed: number;
  /** Absent where it is not told. */
  readonly submitted?: number | undefined;
  /** How often its counters began anew. */
  readonly resets: number;
}

/** One second of the window. Absent is what not every node told. */
export interface NativeSecond {
  /** From 0, since the window's start. */
  readonly second: number;
  readonly submitted?: number | undefined;
  readonly committed?: number | undefined;
}

/** What the nodes of a run counted in its window. */
export interface NativeFigures {
  /** Per second, over the time between the looks; absent where no node was seen at both edges. */
  readonly throughputTps?: number | undefined;
  readonly submittedTps?: number | undefined;
  /** Transactions; of the whole committee the median node's count. */
  readonly committed?: number | undefined;
  readonly submitted?: number | undefined;
  /** Largest less smallest count of the nodes, as a share of the median; absent where each counts its own alone. */
  readonly spreadRatio?: number | undefined;
  readonly latency?: NativeLatency | undefined;
  /** Why there is no latency. */
  readonly latencyRefused?: string | undefined;
  /** Counters that are described, and that not every node showed at both edges; without the committed ones. */
  readonly notShown: readonly string[];
  /** Those that were seen at both edges. */
  readonly nodes: readonly NativeNode[];
  readonly seconds: readonly NativeSecond[];
}

/** How a run was done whose load the nodes made. */
export interface NativeParameters {
  readonly networkType: "local" | "remote";
  readonly runtime: "docker" | "process";
  readonly protocol: string;
  readonly program?: ChosenProgram | undefined;
  readonly protocolOptions: Readonly<Record<string, number | string>>;
  readonly nodes: number;
  readonly loadTps: number;
  readonly durationSecs: number;
  readonly warmUpSecs: number;
  readonly transactionSizeBytes: number;
  /** Submitted / asked below this is the nodes' generators' fault, 0 to 1. */
  readonly achievedRatio: number;
  readonly countedOf: CountedOf;
}

/** One load level, once. */
export interface NativeResult {
  readonly kind: "native";
  /** As the nodes measured it: from what moment to what moment they alone know. */
  readonly latencyKind: "native";
  /** From 1 within its sweep. */
  readonly benchmarkNumber: number;
  /** From 1 within its load. */
  readonly repetition: number;
  readonly parameters: NativeParameters;
  /** Start of the window, wall time in RFC 3339 UTC. */
  readonly timestamp: string;
  readonly figures: NativeFigures;
  readonly nodes: readonly NodeOutcome[];
  /** What else went on on the machines; absent where the network does not know them. */
  readonly environment?: EnvironmentReport | undefined;
  readonly verdict: Verdict;
}

/** One run of one load level, whoever made the load. */
export type MeasuredRun = RunResult | NativeResult;
