import type { NodeExit } from "../../../contracts/deployment.ts";
import type { Emit } from "../../../contracts/events.ts";
import type { NativeCounters, NodeLoad } from "../../../contracts/load/node-load.ts";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { Protocol } from "../../../contracts/protocol.ts";
import type { NativeResult } from "../../../contracts/results/native.ts";
import { delay } from "../../../core/async.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { nativeParameters } from "../../../load/level/run-parameters.ts";
import { formatOpenMetrics, readOpenMetrics, writtenMs } from "../../../metrics/nodes/openmetrics.ts";
import { isNative } from "../../../metrics/stats/run-metrics.ts";
import { lookEverySecs, nativeFigures } from "../../../results/analysis/verdict/native-figures.ts";
import { judgeNative } from "../../../results/analysis/verdict/native-verdict.ts";
import { publishedRun } from "../../../results/schema/published-run.ts";
import { openEnvironmentWatch } from "../../watch/environment-watch.ts";
import { openMetricsWatch, type ShownMetrics } from "../../watch/metrics-watch.ts";
import { nodeOutcomes, readNodeFigures } from "../../watch/node-figures.ts";
import type { RunRequest } from "../../watch/run-request.ts";
import type { Workload } from "../workload.ts";

/** A system whose nodes make the load, and tell of it. */
export type NativeProtocol = Protocol & { readonly native: NativeCounters };

/** Whether nodes of that system make the load, and tell of it. */
export const makesLoad = (protocol: Protocol | undefined): protocol is NativeProtocol =>
  protocol?.native !== undefined;

const nodeLoad = (parameters: SweepParameters, loadTps: number): NodeLoad => {
  const { warmUpSecs, windowSecs } = phaseLengths(parameters, loadTps);
  const { transactionSizeBytes } = parameters;
  return { rateTps: loadTps, transactionSizeBytes, warmUpSecs, durationSecs: windowSecs };
};

function native(protocol: Protocol): NativeProtocol {
  if (makesLoad(protocol)) return protocol;
  throw new InvalidArgumentError(`The nodes of ${protocol.name} do not generate load. Omit the workload.`);
}

/** Load that the nodes make themselves and count, as they were configured. */
export const nativeWorkload: Workload<NativeResult> = {
  generator: "native",
  readiness: "until every node is ready",
  check: (protocol, { timeline }) => {
    native(protocol);
    if (timeline === undefined) return [];
    const message = `The nodes of ${protocol.name} generate the load themselves, so there is no --timeline. Omit it.`;
    return [{ code: "native-load", message }];
  },
  nodeLoad,
  measure: async ({ bundle, ...level }) => {
    const { benchmarkNumber, emit } = level;
    emit({ type: "run-started", benchmarkNumber });
    // Measuring links takes time and packets, and these nodes send from their start on.
    if (level.network.links !== undefined) {
      const message = "Links are emulated, but loads that nodes generate have no certificate of them.";
      emit({ type: "warning", message });
    }
    const { result, metricsText } = await runNative({
      ...level,
      protocol: native(level.protocol),
      load: nodeLoad(level.parameters, level.loadTps),
      onHostSecond: (row) => bundle?.appendHostSecond(benchmarkNumber, row),
    });
    if (metricsText !== undefined) await bundle?.writeNodeMetrics(benchmarkNumber, metricsText);
    return result;
  },
  own: (runs) => runs.filter(isNative),
  summarize: (sweep, { assertions }) => ({ generator: "native", ...sweep, assertions }),
};

interface NativeRunRequest extends RunRequest {
  readonly protocol: NativeProtocol;
  readonly load: NodeLoad;
}

/**
 * Waits while the nodes warm up and for the window, looking at their counters all the while.
 * @returns the result, and what the nodes showed, in OpenMetrics; absent where no node did
 */
async function runNative(request: NativeRunRequest) {
  const { network, protocol, load, emit } = request;
  const exits: NodeExit[] = [];
  const stopListening = network.onExit((exit) => {
    exits.push(exit);
    emit({ type: "node-exited", ...exit });
  });
  try {
    const seen = await lookOn(request);
    const { nodeMetrics, windowStartsAtMs, environment } = seen;
    const nodes = nodeOutcomes(network, { exits, faults: [], figures: seen.figures });
    const metricsText = nodeMetrics && writeShown(nodeMetrics, exits);
    // What is kept is what the figures are of, so that whoever reads it comes to the same.
    const figures = nativeFigures(
      metricsText === undefined ? [] : readOpenMetrics(metricsText),
      protocol.native,
      {
        startMs: windowStartsAtMs,
        lengthSecs: load.durationSecs,
        everySecs: lookEverySecs(network.nodes.length, load.warmUpSecs + load.durationSecs),
        nodes: network.nodes.length,
        tookMs: nodeMetrics === undefined ? () => 0 : tookAsWritten(nodeMetrics),
      },
    );
    const { benchmarkNumber, repetition, parameters } = request;
    const place = { loadTps: load.rateTps, runtime: network.runtime, protocol: protocol.name };
    const counted = { nodes: network.nodes.length, countedOf: protocol.native.committed.of };
    const found = publishedRun<NativeResult>({
      kind: "native",
      latencyKind: "native",
      benchmarkNumber,
      repetition,
      parameters: nativeParameters(parameters, { ...place, ...counted }),
      timestamp: new Date(windowStartsAtMs).toISOString(),
      figures,
      nodes,
      ...(environment === undefined ? {} : { environment }),
      verdict: { status: "valid", reasons: [] }, // until it is judged, by what is published
    });
    const result: NativeResult = { ...found, verdict: judgeNative(found) };
    return { result, metricsText };
  } finally {
    stopListening();
  }
}

async function lookOn(request: NativeRunRequest) {
  const { protocol, load, emit, clock, signal } = request;
  const lengths = { warmUpSecs: load.warmUpSecs, windowSecs: load.durationSecs };
  const { metrics } = protocol;
  await using watch = openMetricsWatch({ ...request, metrics, lengths, down: () => new Set() });
  // Nodes that were told how long to submit must not be kept waiting.
  await using machines = await openEnvironmentWatch({ ...request, loadRuns: true }, lengths, () => []);
  const notify: Emit = (body) => {
    machines?.observe(body);
    watch?.observe(body);
    emit(body);
  };
  const startMs = clock.monotonicMs() + load.warmUpSecs * 1000;
  const windowStartsAtMs = Math.round(clock.wallMs() + load.warmUpSecs * 1000);
  const until = (ms: number) => delay(Math.max(0, ms - clock.monotonicMs()), signal);
  notify({ type: "load-phase", phase: "warm-up", windowStartsAtMs });
  await until(startMs);
  notify({ type: "load-phase", phase: "window", lateMs: clock.monotonicMs() - startMs });
  const before = readNodeFigures(request);
  await until(startMs + load.durationSecs * 1000);
  const inspected = machines?.finish();
  const nodeMetrics = await watch?.finish();
  notify({ type: "load-phase", phase: "done" });
  const after = await readNodeFigures(request);
  const figures = { before: await before, after };
  return { windowStartsAtMs, nodeMetrics, environment: await inspected, figures };
}

/** Counters of a node that ended by itself may begin anew. */
function writeShown({ families, wallMsAt }: ShownMetrics, exits: readonly NodeExit[]): string {
  return formatOpenMetrics(families, { wallMsAt, restarted: new Set(exits.map(({ node }) => node)) });
}

/** How long answers took, by times as they are written. */
function tookAsWritten({ families, wallMsAt, tookMs }: ShownMetrics): ShownMetrics["tookMs"] {
  const written = new Map<string, number>();
  for (const { node, atMs } of families.flatMap(({ groups }) => groups)) {
    for (const ms of atMs) written.set(`${node} ${writtenMs(wallMsAt(ms))}`, tookMs(node, ms));
  }
  return (node, atMs) => written.get(`${node} ${atMs}`) ?? 0;
}
