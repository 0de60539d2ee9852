import { availableParallelism } from "node:os";
import type { NodeExit } from "../../../contracts/deployment.ts";
import type { Emit, EventBody } from "../../../contracts/events.ts";
import type { OwnProcess } from "../../../contracts/hosts/host-load.ts";
import type { NodeName } from "../../../contracts/nodes/node.ts";
import type { SafetyReport } from "../../../contracts/results/safety.ts";
import { seededRandom } from "../../../core/random.ts";
import { traceDecision } from "../../../core/trace.ts";
import { chooseForPlaces, coreWarning } from "../../../load/level/client-count.ts";
import type { Level, LoadPlan } from "../../../load/level/plan-level.ts";
import type { ClientReport } from "../../../load/plan/client-plan.ts";
import { BacklogTrend } from "../../../metrics/stats/backlog.ts";
import { driveClients } from "../../clients/clients.ts";
import { nameProtocol, placeLocally, targetsOf } from "../../clients/local-placement.ts";
import type { SharedPlan } from "../../clients/plans.ts";
import { joinSegments } from "../../clients/segment-results.ts";
import { placeOnSites, type SitedClients } from "../../clients/sites.ts";
import { openEnvironmentWatch } from "../../watch/environment-watch.ts";
import { openMetricsWatch } from "../../watch/metrics-watch.ts";
import type { RunOutcome, RunRequest } from "../../watch/run-request.ts";
import { checkSafety } from "../../watch/safety.ts";
import { levelOf, MeasuredWindow, type WindowRequest } from "../window.ts";
import { buildResult } from "./result.ts";

/** Drives one load level at a ready network. A node that ends on the way does not end the run; the verdict names it. */
export async function runOnce(request: WindowRequest): Promise<RunOutcome> {
  const level = levelOf(request);
  await using window = new MeasuredWindow(request, level, { underLoad: false });
  await window.measureLinks();
  return await observeRun(request, level, window);
}

async function observeRun(request: RunRequest, level: Level, window: MeasuredWindow): Promise<RunOutcome> {
  const { protocol, clock, signal } = request;
  const { lengths, offeredTps } = level;
  const emit = markExpected(request.emit, window);
  const completion = protocol.observeCommits === undefined ? "acknowledged" : "committed";
  const backlog = new BacklogTrend(completion, lengths.windowSecs);
  const place = placeClients(request, level.load);
  const plan = buildClientPlan(request, level, place.chosen);
  traceDecision("transport", plan.transport.kind, `clients: ${place.chosen.clients}, pacing: ${plan.pacing}`);
  const { metrics } = protocol;
  await using shown = openMetricsWatch({ ...request, metrics, lengths, down: () => window.down() });
  await using environment = await openEnvironmentWatch(request, lengths, () => place.processes);
  const startedMs = clock.monotonicMs();
  let windowMs = startedMs;
  const { clients, lostClients, report } = await driveClients({
    placements: place.placements,
    protocol: nameProtocol(protocol),
    plan,
    clock,
    signal,
    emit: (body, source) => {
      if (body.type === "load-phase" && body.phase === "window") {
        windowMs = clock.monotonicMs() - (body.lateMs ?? 0);
        window.begin(windowMs);
      }
      if (body.type === "load-second") backlog.add(body);
      environment?.observe(body);
      shown?.observe(body);
      if (body.type === "load-phase" && body.phase === "drain") window.end();
      emit(body, source);
    },
  });
  const inspected = environment?.finish();
  const lastShown = shown?.finish();
  const linkGaps = request.linkWatch?.gaps({ fromMs: startedMs, windowMs }) ?? [];
  const downAtEnd = window.down();
  const safety = await compareNodes(request, { report, downAtEnd, exits: window.exits });
  const records = await window.finish();
  const parts = joinSegments(plan, report);
  const nodeMetrics = await lastShown;
  const result = buildResult(request, {
    ...records,
    ...{ lengths, plan, place: place.chosen, clients, lostClients, report, parts },
    ...{ downAtEnd, safety, linkGaps, offeredTps, nodeMetrics },
    backlogGrowthRatio: offeredTps && backlog.growthRatio(offeredTps),
    backlogGrowthErrorRatio: offeredTps && backlog.growthErrorRatio(offeredTps),
    environment: await inspected,
    late: environment?.lateSeconds,
    tally: environment?.nodes,
  });
  return { result, report, parts, nodeMetrics, linkProbes: records.linkProbes };
}

/** Leaves out, by name, nodes that do not run any more. */
async function compareNodes(
  { network, protocol, signal }: RunRequest,
  seen: {
    readonly report: ClientReport;
    readonly downAtEnd: ReadonlySet<NodeName>;
    readonly exits: readonly NodeExit[];
  },
): Promise<SafetyReport | undefined> {
  const { agreement } = seen.report;
  if (agreement === undefined) return undefined;
  const leftOut = new Map([
    ...[...seen.downAtEnd].map((node) => [node, "it was down on purpose"] as const),
    ...seen.exits.map(({ node }) => [node, "it had ended"] as const),
  ]);
  return await checkSafety({ network, protocol, agreement, leftOut, signal });
}

/** Says of observers that lose a node which was crashed or paused on purpose that this was to be expected. */
function markExpected(emit: Emit, window: MeasuredWindow): Emit {
  const expected = new Set<string>();
  return (body: EventBody, source) => {
    if (body.type === "observer-lost" && window.down().has(body.node)) {
      expected.add(body.node);
      emit({ ...body, expected: true }, source);
    } else if (body.type === "observer-restored" && expected.delete(body.node)) {
      emit({ ...body, expected: true }, source);
    } else emit(body, source);
  };
}

interface ClientPlace extends SitedClients {
  /** Those of this machine that the clients run in, once they have begun. */
  readonly processes: readonly OwnProcess[];
}

function placeClients(request: RunRequest, { rateTps }: LoadPlan): ClientPlace {
  const { network, protocol, parameters, loadTps, clientRuntime, clock } = request;
  if (network.clientSites !== undefined) {
    return { ...placeOnSites(network.clientSites, network, { ...request, rateTps }), processes: [] };
  }
  const cores = availableParallelism();
  const isShared = parameters.networkType === "local";
  const unit = { clients: 1, targets: network.nodes.length };
  const chosen = chooseForPlaces(parameters, unit, { loadTps, rateTps, cores, isShared });
  const warning = coreWarning(chosen.clients, cores);
  if (warning !== undefined) request.emit({ type: "warning", message: warning });
  const processes: OwnProcess[] = [];
  const onProcess = (pid: number) => processes.push({ pid });
  const { clients } = chosen;
  const local = { network, protocol, clients, runtime: clientRuntime, clock, onProcess };
  const placements = [placeLocally(local)];
  return { placements, chosen, processes };
}

function buildClientPlan(
  request: RunRequest,
  { lengths, load }: Level,
  { pacing }: Pick<SharedPlan, "pacing">,
): SharedPlan {
  const { parameters } = request;
  // Runs on one kept network must differ in every transaction, and the same seed must give the same payloads.
  const random = seededRandom(`${parameters.seed}/${request.benchmarkNumber}`);
  return {
    run: random.nextUint32(),
    transport: parameters.transport,
    ...load,
    pacing,
    seed: random.nextUint32(),
    targets: targetsOf(request.network),
    arrival: parameters.arrival,
    transactionSizeBytes: parameters.transactionSizeBytes,
    warmUpMs: lengths.warmUpSecs * 1000,
    windowTransactions: lengths.windowTransactions,
    windowMs: lengths.windowSecs * 1000,
    drainMs: parameters.drainSecs * 1000,
    requestTimeoutMs: parameters.requestTimeoutSecs * 1000,
    maxInFlight: parameters.maxInFlight,
    queueLimit: parameters.queueLimit,
    lateAfterMs: parameters.limits.latenessFloorMs,
    failover: parameters.failover,
  };
}
