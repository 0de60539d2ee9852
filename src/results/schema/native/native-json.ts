/** The published form of a run whose load the nodes made: schema/native-run.schema.json. */

import type { LatencyBounds } from "../../../contracts/load/node-load.ts";
import type { NativeFigures, NativeLatency, NativeResult } from "../../../contracts/results/native.ts";
import type { NodeOutcome } from "../../../contracts/results/node-outcome.ts";
import type { Fields } from "../fields.ts";
import { present, rounded } from "../numbers.ts";
import { environmentJson } from "../run/environment-json.ts";
import { nodeJson, programJson, protocolOptionsJson } from "../run/run-json.ts";

export const nativeRunSchema = "baleen.native-run/1";

/** Whether a bundle with these parameters holds runs whose load the nodes made. */
export const makesOwnLoad = (parameters: Fields): boolean => parameters.value("generator") === "native";

/** local_native_1_100txs.json */
export function nativeRunFileName({ benchmarkNumber, parameters }: NativeResult): string {
  return `${parameters.networkType}_native_${benchmarkNumber}_${parameters.loadTps}txs.json`;
}

export const optionalJson = (value: number | undefined) => (value === undefined ? undefined : rounded(value));

export function boundsJson(bounds: LatencyBounds | undefined) {
  return bounds && present({ above_ms: rounded(bounds.aboveMs), up_to_ms: optionalJson(bounds.upToMs) });
}

function latencyJson(latency: NativeLatency | undefined) {
  if (latency === undefined) return undefined;
  return present({
    count: latency.count,
    avg_ms: optionalJson(latency.meanMs),
    std_dev_ms: optionalJson(latency.stdDevMs),
    p50: boundsJson(latency.p50),
    p90: boundsJson(latency.p90),
    p95: boundsJson(latency.p95),
    p99: boundsJson(latency.p99),
    p999: boundsJson(latency.p999),
    buckets: latency.buckets.map(({ upToMs, count }) => present({ up_to_ms: optionalJson(upToMs), count })),
  });
}

function resultsJson(figures: NativeFigures) {
  return present({
    throughput: optionalJson(figures.throughputTps),
    committed_transactions: figures.committed,
    submitted_load: optionalJson(figures.submittedTps),
    submitted_transactions: figures.submitted,
    committed_spread_percent:
      figures.spreadRatio === undefined ? undefined : rounded(figures.spreadRatio * 100),
    avg_latency_ms: optionalJson(figures.latency?.meanMs),
    latency_std_dev_ms: optionalJson(figures.latency?.stdDevMs),
    latency_kind: "native",
    latency: latencyJson(figures.latency),
    latency_refused: figures.latencyRefused,
    counters_not_shown: figures.notShown.length === 0 ? undefined : figures.notShown,
    seconds: figures.seconds.map(({ second, submitted, committed }) =>
      present({ second, submitted: optionalJson(submitted), committed: optionalJson(committed) }),
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
  return present({
    schema: nativeRunSchema,
    generator: "native",
    network_type: result.parameters.networkType,
    benchmark_number: result.benchmarkNumber,
    repetition: result.repetition,
    parameters: parametersJson(result.parameters),
    results: resultsJson(result.figures),
    timestamp: result.timestamp,
    nodes: nodesJson(result),
    environment: environmentJson(result.environment),
    verdict: {
      status: result.verdict.status,
      reasons: result.verdict.reasons,
      limits: { achieved_ratio: result.parameters.achievedRatio },
    },
  });
}
