/** The published form of runs whose load the nodes made: schema/native-run.schema.json and native-summary.schema.json. */
import type { Leftover } from "../contracts/deployment.ts";
import type { LatencyBounds, NativeFigures, NativeLatency, NativeResult } from "../contracts/native.ts";
import type { NodeOutcome } from "../contracts/result.ts";
import type { Fields } from "./fields.ts";
import { present, rounded } from "./numbers.ts";
import { nodeJson, programJson, protocolOptionsJson } from "./run-json.ts";

export const nativeRunSchema = "baleen.native-run/1";
export const nativeSummarySchema = "baleen.native-summary/1";

/** A sweep at its end, also at an early one. */
export interface NativeSummary {
  /** Id of the sweep. */
  readonly run: string;
  readonly networkType: "local" | "remote";
  readonly runtime: "docker" | "process";
  /** Wall times, RFC 3339 UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly plannedRuns: number;
  readonly runs: readonly NativeResult[];
  /** Why it ended before its last run, in a line; absent where it did not. */
  readonly endedEarly?: string | undefined;
}

/** Whether a bundle with these parameters holds runs whose load the nodes made. */
export function makesOwnLoad(parameters: Fields): boolean {
  const key = "protocol_description";
  const description = parameters.has(key) ? (parameters.value(key) as DescribedLoad | undefined) : undefined;
  return description?.definition?.load !== undefined;
}

interface DescribedLoad {
  readonly definition?: { readonly load?: unknown };
}

/** local_native_1_100txs.json */
export function nativeRunFileName({ benchmarkNumber, parameters }: NativeResult): string {
  return `${parameters.networkType}_native_${benchmarkNumber}_${parameters.loadTps}txs.json`;
}

/** Whether a file of that name holds such a run. */
export const isNativeRunFile = (name: string) => /^(local|remote)_native_\d+_.+txs\.json$/.test(name);

const optional = (value: number | undefined) => (value === undefined ? undefined : rounded(value));

function boundsJson(bounds: LatencyBounds | undefined) {
  return bounds && present({ above_ms: rounded(bounds.aboveMs), up_to_ms: optional(bounds.upToMs) });
}

function latencyJson(latency: NativeLatency | undefined) {
  if (latency === undefined) return undefined;
  return present({
    count: latency.count,
    avg_ms: optional(latency.meanMs),
    std_dev_ms: optional(latency.stdDevMs),
    p50: boundsJson(latency.p50),
    p90: boundsJson(latency.p90),
    p95: boundsJson(latency.p95),
    p99: boundsJson(latency.p99),
    p999: boundsJson(latency.p999),
    buckets: latency.buckets.map(({ upToMs, count }) => present({ up_to_ms: optional(upToMs), count })),
  });
}

function resultsJson(figures: NativeFigures) {
  return present({
    throughput: optional(figures.throughputTps),
    committed_transactions: figures.committed,
    submitted_load: optional(figures.submittedTps),
    submitted_transactions: figures.submitted,
    committed_spread_percent:
      figures.spreadRatio === undefined ? undefined : rounded(figures.spreadRatio * 100),
    avg_latency_ms: optional(figures.latency?.meanMs),
    latency_std_dev_ms: optional(figures.latency?.stdDevMs),
    latency_kind: "native",
    latency: latencyJson(figures.latency),
    seconds: figures.seconds.map(({ second, submitted, committed }) =>
      present({ second, submitted: optional(submitted), committed: optional(committed) }),
    ),
  });
}

function parametersJson(parameters: NativeResult["parameters"]) {
  return present({
    nodes: parameters.nodes,
    load: parameters.loadTps,
    duration: parameters.durationSecs,
    transaction_size: parameters.transactionSizeBytes,
    runtime: parameters.runtime,
    protocol: parameters.protocol,
    ...programJson(parameters.program),
    warm_up_secs: parameters.warmUpSecs,
    protocol_options: protocolOptionsJson(parameters.protocolOptions),
    committed_of: parameters.countedOf,
  });
}

function nodesJson({ nodes, figures }: NativeResult) {
  const countsOf = ({ name }: NodeOutcome) => {
    const seen = figures.nodes.find((node) => node.name === name);
    return (
      seen && {
        from_secs: rounded(seen.fromSecs),
        to_secs: rounded(seen.toSecs),
        answer_secs: rounded(seen.answerSecs),
        committed_transactions: seen.committed,
        submitted_transactions: seen.submitted,
        counter_resets: seen.resets,
      }
    );
  };
  return nodes.map((node) => present({ ...nodeJson(node), ...countsOf(node) }));
}

/** @throws InvalidArgumentError where a measured number is not finite */
export function buildNativeRunJson(result: NativeResult) {
  return {
    schema: nativeRunSchema,
    generator: "native",
    network_type: result.parameters.networkType,
    benchmark_number: result.benchmarkNumber,
    repetition: result.repetition,
    parameters: parametersJson(result.parameters),
    results: resultsJson(result.figures),
    timestamp: result.timestamp,
    nodes: nodesJson(result),
    verdict: {
      status: result.verdict.status,
      reasons: result.verdict.reasons,
      limits: { achieved_ratio: result.parameters.achievedRatio },
    },
  };
}

/** @throws InvalidArgumentError where a measured number is not finite */
export function buildNativeSummaryJson(summary: NativeSummary) {
  return present({
    schema: nativeSummarySchema,
    generator: "native",
    run: summary.run,
    network_type: summary.networkType,
    runtime: summary.runtime,
    started: summary.startedAt,
    finished: summary.finishedAt,
    planned_runs: summary.plannedRuns,
    finished_runs: summary.runs.length,
    ended_early: summary.endedEarly,
    runs: summary.runs.map(rowJson),
  });
}

/** The document of `--json`; its runs are just what their files hold. */
export function buildNativeResultsJson(
  summary: NativeSummary,
  {
    parameters,
    bundle,
    leftover,
  }: {
    readonly parameters: object;
    /** Its path; absent where nothing is written. */
    readonly bundle?: string | undefined;
    readonly leftover?: Leftover | undefined;
  },
) {
  return present({
    ...buildNativeSummaryJson(summary),
    schema: "baleen.native-results/1",
    bundle,
    leftover: leftover && { what: leftover.what, command: leftover.command },
    parameters,
    runs: summary.runs.map(buildNativeRunJson),
  });
}

function rowJson(result: NativeResult) {
  const { figures, parameters, verdict } = result;
  return present({
    benchmark_number: result.benchmarkNumber,
    file: nativeRunFileName(result),
    load: parameters.loadTps,
    repetition: result.repetition,
    throughput: optional(figures.throughputTps),
    submitted_load: optional(figures.submittedTps),
    avg_latency_ms: optional(figures.latency?.meanMs),
    latency_std_dev_ms: optional(figures.latency?.stdDevMs),
    p50: boundsJson(figures.latency?.p50),
    p99: boundsJson(figures.latency?.p99),
    verdict: { status: verdict.status, reasons: verdict.reasons },
  });
}
