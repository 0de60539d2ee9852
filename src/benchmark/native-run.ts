import type { SweepParameters } from "../config/parameters.ts";
import type { Network, NodeExit } from "../contracts/deployment.ts";
import type { Emit } from "../contracts/events.ts";
import type { NativeCounters, NativeResult, NodeLoad } from "../contracts/native.ts";
import type { Protocol } from "../contracts/protocol.ts";
import { delay } from "../core/async.ts";
import type { Clock } from "../core/clock.ts";
import { lookEverySecs, openMetricsWatch, type ShownMetrics } from "./metrics-watch.ts";
import { nativeFigures } from "./native-figures.ts";
import { judgeNative } from "./native-verdict.ts";
import { nodeOutcomes, readNodeFigures } from "./node-figures.ts";
import type { PlannedRun } from "./plan-runs.ts";

/** One load level, which the nodes of a ready network make. */
export interface NativeRunRequest extends PlannedRun {
  readonly network: Network;
  readonly protocol: Protocol & { readonly native: NativeCounters };
  readonly parameters: SweepParameters;
  readonly load: NodeLoad;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface NativeOutcome {
  readonly result: NativeResult;
  /** Absent where no node showed anything. */
  readonly nodeMetrics?: ShownMetrics | undefined;
}

/** Waits while the nodes warm up and for the length of the window, looking at their counters all the while. */
export async function runNative(request: NativeRunRequest): Promise<NativeOutcome> {
  const { network, protocol, load, emit, clock, signal } = request;
  const exits: NodeExit[] = [];
  const stopListening = network.onExit((exit) => {
    exits.push(exit);
    emit({ type: "node-exited", ...exit });
  });
  try {
    const lengths = { warmUpSecs: load.warmUpSecs, windowSecs: load.durationSecs };
    const { metrics } = protocol;
    await using watch = openMetricsWatch({ ...request, metrics, lengths, down: () => new Set() });
    const tell: Emit = (body) => {
      watch?.observe(body);
      emit(body);
    };
    const startMs = clock.monotonicMs() + load.warmUpSecs * 1000;
    const windowStartsAtMs = clock.wallMs() + load.warmUpSecs * 1000;
    const until = (ms: number) => delay(Math.max(0, ms - clock.monotonicMs()), signal);
    tell({ type: "load-phase", phase: "warm-up", windowStartsAtMs });
    await until(startMs);
    tell({ type: "load-phase", phase: "window", lateMs: clock.monotonicMs() - startMs });
    const before = readNodeFigures(request);
    await until(startMs + load.durationSecs * 1000);
    const nodeMetrics = await watch?.finish();
    tell({ type: "load-phase", phase: "done" });
    const after = await readNodeFigures(request);
    const nodes = nodeOutcomes(network, { exits, faults: [], figures: { before: await before, after } });
    const figures = nativeFigures(nodeMetrics?.families ?? [], protocol.native, {
      startMs,
      lengthSecs: load.durationSecs,
      everySecs: lookEverySecs(network.nodes.length, load.warmUpSecs + load.durationSecs),
      nodes: network.nodes.length,
      tookMs: nodeMetrics?.tookMs ?? (() => 0),
    });
    const found = { parameters: parametersOf(request), figures, nodes };
    const { benchmarkNumber, repetition } = request;
    const timestamp = new Date(windowStartsAtMs).toISOString();
    const verdict = judgeNative(found);
    return { result: { benchmarkNumber, repetition, timestamp, ...found, verdict }, nodeMetrics };
  } finally {
    stopListening();
  }
}

function parametersOf({ parameters, protocol, network, load }: NativeRunRequest): NativeResult["parameters"] {
  const { networkType, program, protocolOptions, limits } = parameters;
  return {
    networkType,
    runtime: network.runtime,
    protocol: protocol.name,
    ...(program === undefined ? {} : { program }),
    protocolOptions,
    nodes: network.nodes.length,
    loadTps: load.rateTps,
    durationSecs: load.durationSecs,
    warmUpSecs: load.warmUpSecs,
    transactionSizeBytes: load.transactionSizeBytes,
    achievedRatio: limits.achievedRatio,
    countedOf: protocol.native.committed.of,
  };
}
