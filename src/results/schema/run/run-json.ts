/** The published form of one run: schema/run.schema.json describes every key. The keys exist in this room alone. */

import type { NodeOutcome } from "../../../contracts/results/node-outcome.ts";
import type { LatencySummary, RunResult } from "../../../contracts/results/result.ts";
import type { RunParameters, VerdictLimits } from "../../../contracts/results/run-parameters.ts";
import { percent, present, rounded } from "../numbers.ts";
import { clientJson } from "./clients-json.ts";
import { environmentJson } from "./environment-json.ts";
import { evidenceJson } from "./evidence-json.ts";
import { faultJson, segmentJson } from "./faults-json.ts";
import { latencyJson, msJson } from "./latency-json.ts";
import { ledgerJson } from "./ledger-json.ts";
import { linkGapsJson, linksJson } from "./links-json.ts";
import { observerJson } from "./observer-json.ts";
import { phaseJson, profileJson } from "./profile-json.ts";
import { blockAgeJson, safetyJson } from "./safety-json.ts";

/** Name and version of the form; the version changes when a key changes its meaning or goes. */
export const runSchema = "baleen.run/1";

/** Name of a run's file in its bundle: local_benchmark_1_100txs.json; of a closed loop local_benchmark_1_64inflight.json. */
export function runFileName({ kind, benchmarkNumber, parameters }: RunResult): string {
  const { networkType, loadTps } = parameters;
  return `${networkType}_benchmark_${benchmarkNumber}_${loadTps}${kind === "closed-loop" ? "inflight" : "txs"}.json`;
}

function latenciesJson({ latency }: RunResult) {
  const optional = (summary: LatencySummary | undefined) => summary && latencyJson(summary);
  return present({
    commit: optional(latency.commit),
    commit_service: optional(latency.commitService),
    response: optional(latency.response),
    submit: optional(latency.submit),
  });
}

/** Options by the protocol's own names, in the published spelling: minRoundDelayMs → min_round_delay_ms. */
export function protocolOptionsJson(
  options: RunParameters["protocolOptions"],
): Record<string, number | string> {
  const spelt = (name: string) =>
    name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`).replaceAll("-", "_");
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [spelt(name), value]));
}

/** How transactions got to the nodes, as in a run's file and in parameters.json. */
export function transportJson({ kind, inFlightPerConnection, batchSize }: RunParameters["transport"]) {
  return { transport: kind, in_flight_per_connection: inFlightPerConnection, batch_size: batchSize };
}

/** The nodes' program, where its user named one, as in a run's file and in parameters.json. */
export function programJson(program: RunParameters["program"]) {
  return present({ node_binary: program?.path, image: program?.image });
}

function parametersJson(parameters: RunParameters) {
  return present({
    nodes: parameters.nodes,
    load: parameters.loadTps,
    duration: parameters.durationSecs,
    transaction_size: parameters.transactionSizeBytes,
    faults: parameters.faults,
    crash_recovery: parameters.crashRecovery,
    crash_interval: parameters.crashIntervalSecs,
    failover: parameters.failover,
    allow_no_quorum: parameters.allowNoQuorum,
    runtime: parameters.runtime,
    protocol: parameters.protocol,
    ...programJson(parameters.program),
    client_placement: parameters.clientPlacement,
    warm_up_secs: parameters.warmUpSecs,
    drain_secs: parameters.drainSecs,
    request_timeout_ms: parameters.requestTimeoutMs,
    max_in_flight: parameters.maxInFlight,
    queue_limit: parameters.queueLimit,
    ...transportJson(parameters.transport),
    keep_network: parameters.keepNetwork,
    protocol_options: protocolOptionsJson(parameters.protocolOptions),
    arrival: parameters.arrival,
    clients: parameters.clients,
    pacing: parameters.pacing,
    profile: profileJson(parameters.profile),
    seed: parameters.seed,
  });
}

function resultsJson(result: RunResult) {
  const headline = result.latency[result.latencyKind];
  return present({
    throughput: rounded(result.throughputTps),
    observed_in_window: result.observedInWindow,
    avg_latency_ms: msJson(headline?.meanMs),
    latency_std_dev_ms: msJson(headline?.stdDevMs),
    duration_secs: rounded(result.parameters.durationSecs),
    successful_transactions: result.successful,
    failed_transactions: result.failed,
    offered_load: result.offeredTps === undefined ? undefined : rounded(result.offeredTps),
    efficiency_percent: result.efficiencyRatio === undefined ? undefined : percent(result.efficiencyRatio),
    success_rate_percent: percent(result.successRatio),
    backlog_growth_percent:
      result.backlogGrowthRatio === undefined ? undefined : percent(result.backlogGrowthRatio),
    backlog_growth_error_percent:
      result.backlogGrowthErrorRatio === undefined ? undefined : percent(result.backlogGrowthErrorRatio),
    latency_kind: result.latencyKind,
    latency: latenciesJson(result),
    redirected_transactions: result.redirected,
    faults: result.faults.map(faultJson),
    stretches: result.segments.map(segmentJson),
    phases: result.phases.map(phaseJson),
    block_age: blockAgeJson(result),
  });
}

/** Limits of the verdict, as in a run's file and in parameters.json. */
export function limitsJson(limits: VerdictLimits) {
  return {
    lateness_floor_ms: limits.latenessFloorMs,
    lateness_ratio: limits.latenessRatio,
    achieved_ratio: limits.achievedRatio,
  };
}

/** What became of a node, as in a run's file. */
export function nodeJson(node: NodeOutcome) {
  return present({
    name: node.name,
    exited_unasked: node.exitedUnasked,
    cpu_secs: node.cpuSecs === undefined ? undefined : rounded(node.cpuSecs),
    memory_bytes: node.memoryBytes,
    height: node.height,
  });
}

/**
 * The published form of a run. Parameters stand as they were asked for; measured numbers are rounded to three
 * decimals; what was not seen is left out.
 *
 * @throws InvalidArgumentError where a measured number is not finite
 */
export function buildRunJson(result: RunResult) {
  return present({
    schema: runSchema,
    kind: result.kind,
    network_type: result.parameters.networkType,
    benchmark_number: result.benchmarkNumber,
    repetition: result.repetition,
    parameters: parametersJson(result.parameters),
    results: resultsJson(result),
    timestamp: result.timestamp,
    lateness: latencyJson(result.lateness),
    ledger: ledgerJson(result.ledger),
    clients: result.clients.map(clientJson),
    rejections: result.rejections.map(({ reason, count }) => ({ reason, count })),
    nodes: result.nodes.map(nodeJson),
    links: linksJson(result),
    link_gaps: linkGapsJson(result),
    safety: safetyJson(result.safety),
    observer: observerJson(result),
    environment: environmentJson(result.environment),
    evidence: evidenceJson(result.evidence),
    verdict: {
      status: result.verdict.status,
      reasons: result.verdict.reasons,
      limits: limitsJson(result.parameters.limits),
    },
  });
}
