import type { SweepParameters } from "../config/parameters.ts";
import type { Network, NodeExit, NodeStats } from "../contracts/deployment.ts";
import type { Emit } from "../contracts/events.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { NodeOutcome, RunParameters, RunResult } from "../contracts/result.ts";
import { mapBounded, withinMs } from "../core/async.ts";
import type { Clock } from "../core/clock.ts";
import { seededRandom } from "../core/random.ts";
import { runClient } from "../load/client.ts";
import type { ClientPlan, ClientReport } from "../load/client-plan.ts";
import { summarizeLatency } from "../stats/latency-record.ts";
import { acknowledgedTotal, committedTotal } from "../stats/ledger.ts";
import { type PhaseLengths, phaseLengths } from "./phases.ts";
import { judgeRun } from "./verdict.ts";

/** One load level on a ready network. */
export interface RunRequest {
  readonly network: Network;
  readonly protocol: Protocol;
  readonly parameters: SweepParameters;
  readonly loadTps: number;
  /** From 1 within the sweep. */
  readonly benchmarkNumber: number;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A run's result, and the records that it was computed from. */
export interface RunOutcome {
  readonly result: RunResult;
  readonly report: ClientReport;
}

/** Longest wait for one node's own figures (CPU, memory, height); a node that is silent for longer has none. */
const nodeFiguresTimeoutMs = 5_000;
/** Nodes that are asked at once. */
const nodesAtOnce = 16;

/**
 * Drives one load level at a ready network: warm-up, window, drain, collection.
 * A node that ends on the way does not end the run; the verdict names it.
 */
export async function runOnce(request: RunRequest): Promise<RunOutcome> {
  const { network, protocol, emit } = request;
  const lengths = phaseLengths(request.parameters, request.loadTps);
  const exits: NodeExit[] = [];
  const stopListening = network.onExit((exit) => {
    exits.push(exit);
    emit({ type: "node-exited", ...exit });
  });
  let before: Promise<NodeFigures[]> | undefined;
  let after: Promise<NodeFigures[]> | undefined;
  try {
    const report = await runClient(buildClientPlan(request, lengths), protocol, {
      clock: request.clock,
      signal: request.signal,
      emit: (body) => {
        if (body.type === "load-phase" && body.phase === "window") before = readNodeFigures(request);
        if (body.type === "load-phase" && body.phase === "drain") after = readNodeFigures(request);
        emit(body);
      },
    });
    const nodes = outcomes(network, exits, await before, await (after ?? readNodeFigures(request)));
    return { result: buildResult(request, lengths, report, { exits, nodes }), report };
  } finally {
    stopListening();
    await Promise.allSettled([before, after]);
  }
}

function buildClientPlan(request: RunRequest, lengths: PhaseLengths): ClientPlan {
  const { parameters, network } = request;
  // Runs on one kept network must differ in every transaction, and the same seed must give the same payloads.
  const random = seededRandom(`${parameters.seed}/${request.benchmarkNumber}`);
  return {
    run: random.nextUint32(),
    client: 0,
    seed: random.nextUint32(),
    targets: network.nodes.map((node) => ({
      node: node.name,
      rpc: network.endpoint(node.name, "coordinator", "rpc"),
    })),
    rateTps: request.loadTps,
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
    failover: false,
    stretches: [],
  };
}

interface NodeFigures {
  readonly stats: NodeStats | undefined;
  readonly height: number | undefined;
}

/** Asks every node for its CPU time, memory and height; never rejects, never waits for long. */
function readNodeFigures({ network, protocol, signal }: RunRequest): Promise<NodeFigures[]> {
  return mapBounded(network.nodes, nodesAtOnce, async (node) => {
    const rpc = network.endpoint(node.name, "coordinator", "rpc");
    const [stats, health] = await Promise.all([
      withinMs(nodeFiguresTimeoutMs, node.stats()),
      withinMs(nodeFiguresTimeoutMs, protocol.probe(rpc, { timeoutMs: nodeFiguresTimeoutMs, signal })),
    ]);
    return { stats, height: health?.height };
  });
}

function outcomes(
  network: Network,
  exits: readonly NodeExit[],
  before: readonly NodeFigures[] | undefined,
  after: readonly NodeFigures[],
): NodeOutcome[] {
  return network.nodes.map((node, index) => {
    const [first, last] = [before?.[index]?.stats, after[index]?.stats];
    return {
      name: node.name,
      exitedUnasked: exits.some((exit) => exit.node === node.name),
      cpuSecs:
        first !== undefined && last !== undefined ? Math.max(0, last.cpuSecs - first.cpuSecs) : undefined,
      memoryBytes: last?.memoryBytes,
      height: after[index]?.height,
    };
  });
}

function buildResult(
  request: RunRequest,
  lengths: PhaseLengths,
  report: ClientReport,
  observed: { exits: readonly NodeExit[]; nodes: readonly NodeOutcome[] },
): RunResult {
  const { ledger } = report;
  const observable = report.committedInWindow !== undefined;
  const successful = observable ? committedTotal(ledger) : acknowledgedTotal(ledger);
  const completed = report.committedInWindow ?? report.acknowledgedInWindow;
  const throughputTps = completed / lengths.windowSecs;
  const latency = {
    commit: report.latency.commit && summarizeLatency(report.latency.commit),
    commitService: report.latency.commitService && summarizeLatency(report.latency.commitService),
    response: report.latency.response && summarizeLatency(report.latency.response),
    submit: report.latency.submit && summarizeLatency(report.latency.submit),
  };
  const latencyKind = observable ? "commit" : "response";
  const headline = latency[latencyKind] ?? { count: 0, censored: ledger.scheduled };
  const lateness = summarizeLatency(report.lateness);
  return {
    kind: "open-loop",
    benchmarkNumber: request.benchmarkNumber,
    parameters: runParameters(request, lengths),
    timestamp: new Date(report.windowStartedAtMs).toISOString(),
    throughputTps,
    efficiencyRatio: throughputTps / request.loadTps,
    successRatio: ledger.scheduled === 0 ? 0 : successful / ledger.scheduled,
    successful,
    failed: ledger.scheduled - successful,
    latencyKind,
    latency,
    lateness,
    ledger,
    rejections: [...report.rejections]
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count)
      .slice(0, 20),
    nodes: observed.nodes,
    verdict: judgeRun(
      {
        ledger,
        windowTransactions: lengths.windowTransactions,
        rejections: report.rejections,
        lateness,
        headline,
        disagreements: report.disagreements,
        observerFailures: report.observerFailures,
        nodeExits: observed.exits,
        standstills: report.standstills,
        inFlightCapReached: report.inFlightCapReached,
        maxInFlight: request.parameters.maxInFlight,
      },
      request.parameters.limits,
    ),
  };
}

function runParameters(request: RunRequest, lengths: PhaseLengths): RunParameters {
  const { parameters, network } = request;
  return {
    networkType: parameters.networkType,
    runtime: network.runtime,
    protocol: request.protocol.name,
    nodes: network.nodes.length,
    loadTps: request.loadTps,
    durationSecs: lengths.windowSecs,
    transactionSizeBytes: parameters.transactionSizeBytes,
    warmUpSecs: lengths.warmUpSecs,
    drainSecs: parameters.drainSecs,
    requestTimeoutMs: parameters.requestTimeoutSecs * 1000,
    maxInFlight: parameters.maxInFlight,
    queueLimit: parameters.queueLimit,
    keepNetwork: parameters.keepNetwork,
    protocolOptions: parameters.protocolOptions,
    arrival: parameters.arrival,
    seed: parameters.seed,
    faults: 0,
    crashRecovery: false,
    crashIntervalSecs: 60,
    limits: parameters.limits,
  };
}
