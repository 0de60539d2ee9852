/** Loads that nodes make themselves: one level, from readiness to the judged result, however the load is followed. */
import type { Emit } from "../../../contracts/events.ts";
import type { NodeLoad } from "../../../contracts/load/node-load.ts";
import type {
  NativeFigures,
  NativeParameters,
  NativeResult,
} from "../../../contracts/results/native/native.ts";
import { delay } from "../../../core/async.ts";
import type { Level } from "../../../load/level/plan-level.ts";
import { nativeParameters } from "../../../load/level/run-parameters.ts";
import { isNative } from "../../../metrics/stats/run-metrics.ts";
import { judgeNative } from "../../../results/analysis/verdict/native-verdict.ts";
import { publishedRun } from "../../../results/schema/published-run.ts";
import { openEnvironmentWatch } from "../../watch/environment-watch.ts";
import { openMetricsWatch, type ShownMetrics } from "../../watch/metrics-watch.ts";
import { nodeOutcomes } from "../../watch/node-figures.ts";
import { levelOf, MeasuredWindow, type WindowRecords } from "../window.ts";
import type { LevelRequest, Workload } from "../workload.ts";

/** A window that has ended, and what was seen in it. */
export interface EndedWindow {
  /** Milliseconds since 1970 UTC. */
  readonly windowStartsAtMs: number;
  readonly nodeMetrics: ShownMetrics | undefined;
  readonly records: Omit<WindowRecords, "linkProbes" | "linkCertificate">;
  /** How the run was done, and what became of nodes and links, as it is published. */
  readonly run: Pick<NativeResult, "faults" | "linkChanges" | "nodes" | "parameters">;
}

/** What knows of the load that the nodes make: their counters, or events of each message. */
export interface LoadFollower extends AsyncDisposable {
  readonly countedOf: NativeParameters["countedOf"];
  /** Whether helpers' metrics are kept as well, because no figure is computed of the nodes' metrics. */
  readonly watchesHelpers?: true;
  /** Called when the window begins. Where it rejects, the run fails. */
  readonly begin?: () => Promise<void>;
  /** Called once, when timeline and links are done with. What the figures follow from is in the bundle then. */
  readonly figures: (ended: EndedWindow) => Promise<NativeFigures>;
}

export interface FollowedLevel extends LevelRequest {
  readonly level: Level;
  readonly load: NodeLoad;
  readonly window: MeasuredWindow;
}

export interface NodesWorkload
  extends Pick<Workload<NativeResult>, "check">,
    Required<Pick<Workload<NativeResult>, "nodeLoad">> {
  /** Begins to follow the load, before the window. @throws InvalidArgumentError for a system that is none of its own */
  readonly follow: (level: FollowedLevel) => Promise<LoadFollower>;
}

/** The workload whose load the nodes make, as they were configured. */
export function nodesWorkload({ check, nodeLoad, follow }: NodesWorkload): Workload<NativeResult> {
  return {
    generator: "native",
    readiness: "until every node is ready",
    check,
    nodeLoad,
    measure: (level) => measure(level, { nodeLoad, follow }),
    own: (runs) => runs.filter(isNative),
    summarize: (sweep, { assertions }) => ({ generator: "native", ...sweep, assertions }),
  };
}

/**
 * Measures the links while the nodes send already, waits while they warm up and for the window, looking at their metrics
 * all the while, and measures the links again.
 */
async function measure(
  asked: LevelRequest,
  { nodeLoad, follow }: Pick<NodesWorkload, "nodeLoad" | "follow">,
): Promise<NativeResult> {
  const { bundle, benchmarkNumber, repetition, network, protocol, parameters, loadTps, clock, emit } = asked;
  emit({ type: "run-started", benchmarkNumber });
  const readyMs = clock.monotonicMs();
  const request = {
    ...asked,
    onHostSecond: (row: Parameters<NonNullable<typeof bundle>["appendHostSecond"]>[1]) =>
      bundle?.appendHostSecond(benchmarkNumber, row),
  };
  const level = levelOf(request);
  const load = nodeLoad(parameters, loadTps, asked);
  await using window = new MeasuredWindow(request, level, { underLoad: true });
  await using follower = await follow({ ...request, level, load, window });
  await window.measureLinks();
  const notBeforeMs = readyMs + load.warmUpSecs * 1000;
  const { nodeMetrics, windowStartsAtMs, environment, tally } = await lookOn(request, {
    level,
    window,
    helpers: follower.watchesHelpers ? network.helpers : undefined,
    notBeforeMs,
    begin: follower.begin,
  });
  const { linkProbes, linkCertificate, ...records } = await window.finish();
  const place = { loadTps, runtime: network.runtime, protocol: protocol.name };
  const counted = { nodes: network.nodes.length, countedOf: follower.countedOf };
  const run = {
    parameters: nativeParameters(parameters, { ...place, ...counted }),
    faults: records.faults,
    linkChanges: records.linkChanges,
    ...nodeOutcomes(network, { ...records, nodeMetrics, tally }),
  };
  const figures = await follower.figures({ windowStartsAtMs, nodeMetrics, records, run });
  if (linkProbes !== undefined) await bundle?.writeLinkProbes(linkProbes);
  const found = publishedRun<NativeResult>({
    kind: "native",
    latencyKind: "native",
    benchmarkNumber,
    repetition,
    ...run,
    timestamp: new Date(windowStartsAtMs).toISOString(),
    figures,
    ...(linkCertificate === undefined ? {} : { linkCertificate }),
    ...(environment === undefined ? {} : { environment }),
    verdict: { status: "valid", reasons: [] }, // until it is judged, by what is published
  });
  return { ...found, verdict: judgeNative(found) };
}

interface LookOptions {
  readonly level: Level;
  readonly window: MeasuredWindow;
  /** Whose metrics are kept beside those of the nodes. */
  readonly helpers: LevelRequest["network"]["helpers"];
  /** The window begins no earlier, as the nodes were told; on the monotonic clock. */
  readonly notBeforeMs: number;
  readonly begin: LoadFollower["begin"];
}

async function lookOn(
  request: LevelRequest & Parameters<typeof openEnvironmentWatch>[0],
  { level: { lengths }, window, helpers, notBeforeMs, begin }: LookOptions,
) {
  const { protocol, emit, clock, signal } = request;
  const { metrics } = protocol;
  await using watch = openMetricsWatch({ ...request, metrics, helpers, lengths, down: () => window.down() });
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
  await Promise.all([begin?.(), until(startMs + windowSecs * 1000)]);
  const inspected = machines?.finish();
  const nodeMetrics = await watch?.finish();
  notify({ type: "load-phase", phase: "done" });
  window.end();
  return { windowStartsAtMs, nodeMetrics, environment: await inspected, tally: machines?.nodes };
}
