import type { NodeExit } from "../../../contracts/deployment.ts";
import type { Emit } from "../../../contracts/events.ts";
import type { PlannedLinks } from "../../../contracts/links/shaping.ts";
import type { NativeCounters, NodeLoad } from "../../../contracts/load/node-load.ts";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { Protocol } from "../../../contracts/protocol.ts";
import type { NativeResult } from "../../../contracts/results/native.ts";
import { delay } from "../../../core/async.ts";
import { type Diagnostic, InvalidArgumentError } from "../../../core/errors.ts";
import { toItem } from "../../../links/timeline/parse.ts";
import { type PhaseLengths, phaseLengths } from "../../../load/level/phases.ts";
import { nativeParameters } from "../../../load/level/run-parameters.ts";
import { formatOpenMetrics, readOpenMetrics, writtenMs } from "../../../metrics/nodes/openmetrics.ts";
import { isNative } from "../../../metrics/stats/run-metrics.ts";
import { lookEverySecs, nativeFigures } from "../../../results/analysis/verdict/native-figures.ts";
import { judgeNative } from "../../../results/analysis/verdict/native-verdict.ts";
import { publishedRun } from "../../../results/schema/published-run.ts";
import { measuringSecs } from "../../links/rounds.ts";
import { openEnvironmentWatch } from "../../watch/environment-watch.ts";
import { openMetricsWatch, type ShownMetrics } from "../../watch/metrics-watch.ts";
import { nodeOutcomes } from "../../watch/node-figures.ts";
import type { RunRequest } from "../../watch/run-request.ts";
import { levelOf, MeasuredWindow } from "../window.ts";
import type { Workload } from "../workload.ts";

/** A system whose nodes make the load, and tell of it. */
export type NativeProtocol = Protocol & { readonly native: NativeCounters };

/** Whether nodes of that system make the load, and tell of it. */
export const makesLoad = (protocol: Protocol | undefined): protocol is NativeProtocol =>
  protocol?.native !== undefined;

/** Nodes send from their start on, so that their warm-up has the time in which their links are measured. */
const nodeLoad = (
  parameters: SweepParameters,
  loadTps: number,
  links: PlannedLinks | undefined,
): NodeLoad => {
  const { warmUpSecs, windowSecs } = phaseLengths(parameters, loadTps);
  return {
    rateTps: loadTps,
    transactionSizeBytes: parameters.transactionSizeBytes,
    warmUpSecs: warmUpSecs + (links === undefined ? 0 : measuringSecs(links)),
    durationSecs: windowSecs,
  };
};

/** What a timeline does to nodes that ends them: what they have counted is lost, and no figure is left. */
function refuseCrashes({ name }: Protocol, timeline: SweepParameters["timeline"]): Diagnostic[] {
  return (timeline?.entries ?? []).flatMap((entry, index) => {
    const { kind } = toItem(entry).action;
    if (kind !== "crash" && kind !== "restart") return [];
    const place = timeline?.places[index] ?? timeline?.name;
    const message = `${place}: the nodes of ${name} generate the load themselves, and a crash loses what a node has counted. Remove ${kind}, or use pause.`;
    return [{ code: "native-load", message }];
  });
}

function native(protocol: Protocol): NativeProtocol {
  if (makesLoad(protocol)) return protocol;
  throw new InvalidArgumentError(`The nodes of ${protocol.name} do not generate load. Omit the workload.`);
}

/** Load that the nodes make themselves and count, as they were configured. */
export const nativeWorkload: Workload<NativeResult> = {
  generator: "native",
  readiness: "until every node is ready",
  check: (protocol, { timeline }) => refuseCrashes(native(protocol), timeline),
  nodeLoad,
  measure: async ({ bundle, ...level }) => {
    const { benchmarkNumber, emit } = level;
    emit({ type: "run-started", benchmarkNumber });
    const { result, metricsText, linkProbes } = await runNative({
      ...level,
      protocol: native(level.protocol),
      onHostSecond: (row) => bundle?.appendHostSecond(benchmarkNumber, row),
    });
    if (metricsText !== undefined) await bundle?.writeNodeMetrics(benchmarkNumber, metricsText);
    if (linkProbes !== undefined) await bundle?.writeLinkProbes(linkProbes);
    return result;
  },
  own: (runs) => runs.filter(isNative),
  summarize: (sweep, { assertions }) => ({ generator: "native", ...sweep, assertions }),
};

interface NativeRunRequest extends RunRequest {
  readonly protocol: NativeProtocol;
}

/**
 * Measures the links while the nodes send already, waits while they warm up and for the window, looking at their counters
 * all the while, and measures the links again.
 * @returns the result, and what it was computed from; absent what no node showed, in OpenMetrics, and links as they are
 */
async function runNative(request: NativeRunRequest) {
  const { network, protocol, parameters, loadTps, clock } = request;
  const readyMs = clock.monotonicMs();
  const level = levelOf(request);
  const { lengths } = level;
  await using window = new MeasuredWindow(request, level, { underLoad: true });
  await window.measureLinks();
  const load = nodeLoad(parameters, loadTps, request.links);
  const notBeforeMs = readyMs + load.warmUpSecs * 1000;
  const { nodeMetrics, windowStartsAtMs, environment } = await lookOn(request, {
    lengths,
    window,
    notBeforeMs,
  });
  const { linkProbes, linkCertificate, ...records } = await window.finish();
  const metricsText = nodeMetrics && writeShown(nodeMetrics, records.exits);
  // What is kept is what the figures are of, so that whoever reads it comes to the same.
  const figures = nativeFigures(
    metricsText === undefined ? [] : readOpenMetrics(metricsText),
    protocol.native,
    {
      startMs: windowStartsAtMs,
      lengthSecs: lengths.windowSecs,
      everySecs: lookEverySecs(network.nodes.length, lengths.warmUpSecs + lengths.windowSecs),
      nodes: network.nodes.length,
      tookMs: nodeMetrics === undefined ? () => 0 : tookAsWritten(nodeMetrics),
    },
  );
  const { benchmarkNumber, repetition } = request;
  const place = { loadTps, runtime: network.runtime, protocol: protocol.name };
  const counted = { nodes: network.nodes.length, countedOf: protocol.native.committed.of };
  const found = publishedRun<NativeResult>({
    kind: "native",
    latencyKind: "native",
    benchmarkNumber,
    repetition,
    parameters: nativeParameters(parameters, { ...place, ...counted }),
    timestamp: new Date(windowStartsAtMs).toISOString(),
    figures,
    faults: records.faults,
    linkChanges: records.linkChanges,
    nodes: nodeOutcomes(network, records),
    ...(linkCertificate === undefined ? {} : { linkCertificate }),
    ...(environment === undefined ? {} : { environment }),
    verdict: { status: "valid", reasons: [] }, // until it is judged, by what is published
  });
  const result: NativeResult = { ...found, verdict: judgeNative(found) };
  return { result, metricsText, linkProbes };
}

interface LookOptions {
  readonly lengths: PhaseLengths;
  readonly window: MeasuredWindow;
  /** The window begins no earlier, as the nodes were told; on the monotonic clock. */
  readonly notBeforeMs: number;
}

async function lookOn(request: NativeRunRequest, { lengths, window, notBeforeMs }: LookOptions) {
  const { protocol, emit, clock, signal } = request;
  const { metrics } = protocol;
  await using watch = openMetricsWatch({ ...request, metrics, lengths, down: () => window.down() });
  // Nodes that were told how long to submit must not be kept waiting.
  await using machines = await openEnvironmentWatch({ ...request, loadRuns: true }, lengths, () => []);
  const notify: Emit = (body) => {
    machines?.observe(body);
    watch?.observe(body);
    emit(body);
  };
  const until = (ms: number) => delay(Math.max(0, ms - clock.monotonicMs()), signal);
  const { warmUpSecs, windowSecs } = lengths;
  await until(notBeforeMs - warmUpSecs * 1000);
  const startMs = clock.monotonicMs() + warmUpSecs * 1000;
  const windowStartsAtMs = Math.round(clock.wallMs() + warmUpSecs * 1000);
  notify({ type: "load-phase", phase: "warm-up", windowStartsAtMs });
  await until(startMs);
  notify({ type: "load-phase", phase: "window", lateMs: clock.monotonicMs() - startMs });
  window.begin(startMs);
  await until(startMs + windowSecs * 1000);
  const inspected = machines?.finish();
  const nodeMetrics = await watch?.finish();
  notify({ type: "load-phase", phase: "done" });
  window.end();
  return { windowStartsAtMs, nodeMetrics, environment: await inspected };
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
