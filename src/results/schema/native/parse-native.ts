/** The file of a run whose load the nodes made, back into the result that it was made from. */

import type { LatencyBounds } from "../../../contracts/load/node-load.ts";
import type {
  NativeFigures,
  NativeLatency,
  NativeNode,
  NativeResult,
} from "../../../contracts/results/native.ts";
import { Fields, FormError } from "../fields.ts";
import { parseEnvironment } from "../run/parse-environment.ts";
import { firstDifference, parseNode, parseProgram, parseProtocolOptions } from "../run/parse-run.ts";
import { buildNativeRunJson, nativeRunSchema } from "./native-json.ts";

/**
 * The inverse of `buildNativeRunJson`. Numbers stand as they were published, rounded; keys that this version does not
 * write, and values that contradict each other, are refused.
 *
 * @throws FormError naming what is missing or wrong
 */
export function parseNativeRunJson(document: unknown): NativeResult {
  const result = parseResult(new Fields(document));
  const key = firstDifference(document, JSON.parse(JSON.stringify(buildNativeRunJson(result))));
  if (key !== undefined) throw new FormError(key, "what the rest of the run says");
  return result;
}

function parseResult(run: Fields): NativeResult {
  if (run.text("schema") !== nativeRunSchema) throw new FormError("schema", nativeRunSchema);
  const verdict = run.object("verdict");
  return {
    kind: run.choice("generator", "native"),
    latencyKind: run.object("results").choice("latency_kind", "native"),
    benchmarkNumber: run.count("benchmark_number"),
    repetition: run.count("repetition"),
    parameters: parseParameters(run),
    timestamp: run.time("timestamp"),
    figures: parseFigures(run),
    nodes: run.objects("nodes", parseNode),
    ...parseEnvironment(run),
    verdict: {
      status: verdict.choice("status", "valid", "generator-limited", "invalid"),
      reasons: verdict.texts("reasons"),
    },
  };
}

function parseParameters(run: Fields): NativeResult["parameters"] {
  const fields = run.object("parameters");
  return {
    networkType: run.choice("network_type", "local", "remote"),
    runtime: fields.choice("runtime", "docker", "process"),
    protocol: fields.text("protocol"),
    ...parseProgram(fields),
    protocolOptions: parseProtocolOptions(fields.object("protocol_options")),
    nodes: fields.count("nodes"),
    loadTps: fields.number("load"),
    durationSecs: fields.number("duration"),
    warmUpSecs: fields.number("warm_up_secs"),
    transactionSizeBytes: fields.count("transaction_size"),
    achievedRatio: run.object("verdict").object("limits").number("achieved_ratio"),
    countedOf: fields.choice("committed_of", "node", "committee"),
  };
}

function parseFigures(run: Fields): NativeFigures {
  const results = run.object("results");
  const spreadPercent = results.numberIfAny("committed_spread_percent");
  return {
    throughputTps: results.numberIfAny("throughput"),
    submittedTps: results.numberIfAny("submitted_load"),
    committed: results.numberIfAny("committed_transactions"),
    submitted: results.numberIfAny("submitted_transactions"),
    spreadRatio: spreadPercent === undefined ? undefined : spreadPercent / 100,
    latency: results.optional("latency", (key) => parseLatency(results.object(key))),
    latencyRefused: results.textIfAny("latency_refused"),
    notShown: results.optional("counters_not_shown", (key) => results.texts(key)) ?? [],
    nodes: run.objects("nodes", parseCounts).filter((node) => node !== undefined),
    seconds: results.objects("seconds", (one) => ({
      second: one.count("second"),
      submitted: one.numberIfAny("submitted"),
      committed: one.numberIfAny("committed"),
    })),
  };
}

/** undefined of a node that was not seen at both edges of the window. */
function parseCounts(fields: Fields): NativeNode | undefined {
  if (!fields.has("from_secs")) return undefined;
  return {
    name: fields.text("name"),
    fromSecs: fields.number("from_secs"),
    toSecs: fields.number("to_secs"),
    answerSecs: fields.number("answer_secs"),
    committed: fields.number("committed_transactions"),
    submitted: fields.numberIfAny("submitted_transactions"),
    resets: fields.count("counter_resets"),
  };
}

function parseLatency(fields: Fields): NativeLatency {
  const bounds = (key: string) => fields.optional(key, (name) => parseBounds(fields.object(name)));
  return {
    count: fields.count("count"),
    meanMs: fields.numberIfAny("avg_ms"),
    stdDevMs: fields.numberIfAny("std_dev_ms"),
    p50: bounds("p50"),
    p90: bounds("p90"),
    p95: bounds("p95"),
    p99: bounds("p99"),
    p999: bounds("p999"),
    buckets: fields.objects("buckets", (one) => ({
      upToMs: one.numberIfAny("up_to_ms"),
      count: one.count("count"),
    })),
  };
}

function parseBounds(fields: Fields): LatencyBounds {
  return { aboveMs: fields.number("above_ms"), upToMs: fields.numberIfAny("up_to_ms") };
}
