/** A run's file back into the result that it was made from. Numbers stand as they were published, rounded. */

import { transportKinds } from "../../../contracts/load/transport.ts";
import type { FaultOutcome } from "../../../contracts/results/faults.ts";
import type { NodeOutcome } from "../../../contracts/results/node-outcome.ts";
import type { RunResult, SegmentClients, SegmentResult } from "../../../contracts/results/result.ts";
import type { RunParameters, VerdictLimits } from "../../../contracts/results/run-parameters.ts";
import { clientKeys, refuseEarlier } from "../earlier-version.ts";
import { Fields, FormError } from "../fields.ts";
import { rounded } from "../numbers.ts";
import { parseEvidence } from "./evidence-json.ts";
import { parseObserver } from "./observer-json.ts";
import { parseClient } from "./parse-clients.ts";
import { parseEnvironment } from "./parse-environment.ts";
import { parseLatency } from "./parse-latency.ts";
import { parseLedger } from "./parse-ledger.ts";
import { parseLinkGaps, parseLinks } from "./parse-links.ts";
import { parseSafety } from "./parse-safety.ts";
import { parsePhaseResult, parseProfile } from "./profile-json.ts";
import { buildRunJson, runSchema } from "./run-json.ts";

/** Published spelling back to the protocol's own names: min_round_delay_ms → minRoundDelayMs. */
export function parseProtocolOptions(fields: Fields): Record<string, number | string> {
  const own = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(fields.settings()).map(([name, value]) => [own(name), value]));
}

function parseLimits(fields: Fields): VerdictLimits {
  return {
    latenessFloorMs: fields.number("lateness_floor_ms"),
    latenessRatio: fields.number("lateness_ratio"),
    achievedRatio: fields.number("achieved_ratio"),
  };
}

/** Of a run's parameters, and of a sweep's. */
export function parseProgram(fields: Fields): Pick<RunParameters, "program"> {
  const path = fields.textIfAny("node_binary");
  const image = fields.textIfAny("image");
  if (path === undefined && image === undefined) return {};
  return { program: { ...(path === undefined ? {} : { path }), ...(image === undefined ? {} : { image }) } };
}

function parseTransport(fields: Fields): RunParameters["transport"] {
  return {
    kind: fields.choice("transport", ...transportKinds),
    inFlightPerConnection: fields.count("in_flight_per_connection"),
    batchSize: fields.count("batch_size"),
  };
}

function parseParameters(run: Fields): RunParameters {
  const fields = run.object("parameters");
  return {
    networkType: run.choice("network_type", "local", "remote"),
    runtime: fields.choice("runtime", "docker", "process"),
    protocol: fields.text("protocol"),
    ...parseProgram(fields),
    clientPlacement: fields.optional("client_placement", (key) =>
      fields.choice(key, "colocated", "dedicated"),
    ),
    nodes: fields.count("nodes"),
    loadTps: fields.number("load"),
    durationSecs: fields.number("duration"),
    transactionSizeBytes: fields.count("transaction_size"),
    warmUpSecs: fields.number("warm_up_secs"),
    drainSecs: fields.number("drain_secs"),
    requestTimeoutMs: fields.number("request_timeout_ms"),
    maxInFlight: fields.count("max_in_flight"),
    queueLimit: fields.count("queue_limit"),
    transport: parseTransport(fields),
    keepNetwork: fields.flag("keep_network"),
    protocolOptions: parseProtocolOptions(fields.object("protocol_options")),
    arrival: fields.choice("arrival", "constant", "poisson"),
    clients: fields.count("clients"),
    pacing: fields.choice("pacing", "precise", "balanced", "eco"),
    profile: parseProfile(fields.object("profile")),
    seed: fields.text("seed"),
    faults: fields.count("faults"),
    crashRecovery: fields.flag("crash_recovery"),
    crashIntervalSecs: fields.number("crash_interval"),
    failover: fields.flag("failover"),
    allowNoQuorum: fields.flag("allow_no_quorum"),
    limits: parseLimits(run.object("verdict").object("limits")),
  };
}

function parseFault(fields: Fields): FaultOutcome {
  return {
    node: fields.text("node"),
    action: fields.choice("action", "crash", "recover"),
    askedSecs: fields.number("asked_secs"),
    issuedSecs: fields.numberIfAny("issued_secs"),
    answersSecs: fields.numberIfAny("answers_secs"),
    effectiveSecs: fields.numberIfAny("effective_secs"),
    firstCommitSecs: fields.numberIfAny("first_commit_secs"),
    failure: fields.textIfAny("failure"),
  };
}

function parseClients(fields: Fields): SegmentClients {
  return {
    scheduled: fields.count("scheduled_transactions"),
    successful: fields.count("successful_transactions"),
    latency: parseLatency(fields.object("latency")),
  };
}

function parseSegment(fields: Fields): SegmentResult {
  return {
    fromSecs: fields.number("from_secs"),
    toSecs: fields.number("to_secs"),
    nodesDown: fields.texts("nodes_down"),
    ofLivingNodes: parseClients(fields.object("of_living_nodes")),
    ofDeadNodes: parseClients(fields.object("of_dead_nodes")),
  };
}

export function parseNode(fields: Fields): NodeOutcome {
  return {
    name: fields.text("name"),
    exitedUnasked: fields.flag("exited_unasked"),
    cpuSecs: fields.numberIfAny("cpu_secs"),
    memoryBytes: fields.numberIfAny("memory_bytes"),
    height: fields.numberIfAny("height"),
  };
}

function parseLatencies(results: Fields): RunResult["latency"] {
  const all = results.object("latency");
  const one = (key: string) => all.optional(key, (name) => parseLatency(all.object(name)));
  return {
    commit: one("commit"),
    commitService: one("commit_service"),
    response: one("response"),
    submit: one("submit"),
  };
}

/**
 * The inverse of `buildRunJson`: building the JSON of what this gives makes the same document again. Keys that this
 * version does not write, and values that contradict each other, are refused.
 *
 * @throws EarlierVersionError
 * @throws FormError naming what is missing or wrong
 */
export function parseRunJson(document: unknown): RunResult {
  const result = parseResult(document);
  const key = firstDifference(document, JSON.parse(JSON.stringify(buildRunJson(result))));
  if (key !== undefined) throw new FormError(key, "what the rest of the run says");
  return result;
}

/** Name of the first key at which two JSON documents differ. */
export function firstDifference(one: unknown, other: unknown, path = "it"): string | undefined {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return one === other ? undefined : path;
  }
  const ours = one as Record<string, unknown>;
  const theirs = other as Record<string, unknown>;
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const step = Array.isArray(one) ? `[${key}]` : `.${key}`;
    const found = firstDifference(ours[key], theirs[key], path === "it" ? key : `${path}${step}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Ratios come back unrounded, from their counts, so that texts show the same of a run that was read as of a fresh one.
 * Where the counts say something else the published ratio stands: whether a run holds together is not decided here.
 */
function parseRatios(
  run: Fields,
): Pick<RunResult, "observedInWindow" | "throughputTps" | "offeredTps" | "efficiencyRatio" | "successRatio"> {
  const [results, parameters] = [run.object("results"), run.object("parameters")];
  const observedInWindow = results.count("observed_in_window");
  const exactly = (key: string, exact: number, factor = 1) => {
    const published = results.number(key);
    return Number.isFinite(exact) && rounded(exact * factor) === published ? exact : published / factor;
  };
  const durationSecs = parameters.number("duration");
  const tps = observedInWindow / durationSecs;
  const offered = run.object("evidence").count("window_transactions") / durationSecs;
  const successful = results.count("successful_transactions");
  return {
    observedInWindow,
    throughputTps: exactly("throughput", tps),
    offeredTps: results.optional("offered_load", (key) => exactly(key, offered)),
    efficiencyRatio: results.optional("efficiency_percent", (key) => exactly(key, tps / offered, 100)),
    successRatio: exactly("success_rate_percent", successful / run.object("ledger").count("scheduled"), 100),
  };
}

function parseResult(document: unknown): RunResult {
  const run = new Fields(document);
  if (run.text("schema") !== runSchema) throw new FormError("schema", runSchema);
  refuseEarlier(run.object("parameters"), clientKeys);
  const results = run.object("results");
  const verdict = run.object("verdict");
  return {
    kind: run.choice("kind", "open-loop", "closed-loop"),
    benchmarkNumber: run.count("benchmark_number"),
    repetition: run.count("repetition"),
    parameters: parseParameters(run),
    timestamp: run.time("timestamp"),
    ...parseRatios(run),
    successful: results.count("successful_transactions"),
    failed: results.count("failed_transactions"),
    backlogGrowthRatio: results.optional("backlog_growth_percent", (key) => results.number(key) / 100),
    backlogGrowthErrorRatio: results.optional(
      "backlog_growth_error_percent",
      (key) => results.number(key) / 100,
    ),
    latencyKind: results.choice("latency_kind", "commit", "response"),
    latency: parseLatencies(results),
    lateness: parseLatency(run.object("lateness")),
    ledger: parseLedger(run.object("ledger")),
    clients: run.objects("clients", parseClient),
    rejections: run.objects("rejections", (one) => ({
      reason: one.text("reason"),
      count: one.count("count"),
    })),
    nodes: run.objects("nodes", parseNode),
    faults: results.objects("faults", parseFault),
    segments: results.objects("stretches", parseSegment),
    phases: results.objects("phases", parsePhaseResult),
    redirected: results.count("redirected_transactions"),
    ...parseLinks(run),
    linkGaps: parseLinkGaps(run),
    ...parseSafety(run, results),
    ...parseObserver(run),
    evidence: parseEvidence(run.object("evidence")),
    ...parseEnvironment(run),
    verdict: {
      status: verdict.choice("status", "valid", "generator-limited", "invalid"),
      reasons: verdict.texts("reasons"),
    },
  };
}
