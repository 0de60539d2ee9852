import { coordinatorName, type EnvironmentReport } from "../../../contracts/hosts/host-load.ts";
import { loadKindOf } from "../../../contracts/load/load-profile.ts";
import type { NodeName } from "../../../contracts/nodes/node.ts";
import { latencyKinds } from "../../../contracts/results/latency.ts";
import type { ClientOutcome, RunResult } from "../../../contracts/results/result.ts";
import type { RunParameters } from "../../../contracts/results/run-parameters.ts";
import type { SafetyReport } from "../../../contracts/results/safety.ts";
import { recordOf } from "../../../core/keys.ts";
import type { PhaseLengths } from "../../../load/level/phases.ts";
import { runParameters } from "../../../load/level/run-parameters.ts";
import { phaseSpans } from "../../../load/timeline/profile.ts";
import type { LateSeconds } from "../../../metrics/hosts/late-seconds.ts";
import { summarizeLatency } from "../../../metrics/stats/latency-record.ts";
import { acknowledgedTotal, committedTotal, rejectedTotal } from "../../../metrics/stats/ledger.ts";
import { summarizeAges } from "../../../metrics/stats/signed-record.ts";
import { faultOutcomes, linkChangeOutcomes } from "../../../results/analysis/verdict/fault-outcomes.ts";
import { evidenceOf, judgeRun, latenessLimitMs } from "../../../results/analysis/verdict/verdict.ts";
import type { ClientRun, DriveOutcome } from "../../clients/clients.ts";
import type { SharedPlan } from "../../clients/plans.ts";
import { phaseResults, type RunParts, segmentResults } from "../../clients/segment-results.ts";
import { nodeOutcomes } from "../../watch/node-figures.ts";
import type { RunRequest } from "../../watch/run-request.ts";
import type { WindowRecords } from "../window.ts";

export interface RunObservations
  extends WindowRecords,
    DriveOutcome,
    Pick<RunResult, "offeredTps" | "backlogGrowthRatio" | "backlogGrowthErrorRatio" | "linkGaps"> {
  readonly lengths: PhaseLengths;
  readonly plan: SharedPlan;
  /** What was counted between crashes, and in each phase. */
  readonly parts: RunParts;
  readonly place: Pick<RunParameters, "clients" | "pacing">;
  /** Nodes that were down on purpose when the client ended. */
  readonly downAtEnd: ReadonlySet<NodeName>;
  /** undefined where blocks cannot be compared. */
  readonly safety: SafetyReport | undefined;
  /** Absent where nobody looked. */
  readonly environment: EnvironmentReport | undefined;
  readonly late: LateSeconds | undefined;
}

export function buildResult(request: RunRequest, observed: RunObservations): RunResult {
  const { report, lengths, plan, offeredTps, lostClients, clients, late, linkCertificate } = observed;
  const { limits } = request.parameters;
  const { profile } = request.parameters;
  const { ledger } = report;
  const observable = report.committedInWindow !== undefined;
  const successful = observable ? committedTotal(ledger) : acknowledgedTotal(ledger);
  const observedInWindow = report.committedInWindow ?? report.acknowledgedInWindow;
  const throughputTps = observedInWindow / lengths.windowSecs;
  const latencyKind = observable ? "commit" : "response";
  const latency = summarizeLatencies(report);
  const latenessMs = latenessLimitMs(latency[latencyKind]?.p50?.ms, limits);
  const lateSeconds = late?.count(latenessMs, new Set(clients.map(({ host }) => host)));
  const result: Omit<RunResult, "verdict"> = {
    kind: loadKindOf(profile),
    benchmarkNumber: request.benchmarkNumber,
    repetition: request.repetition,
    parameters: runParameters(request.parameters, {
      loadTps: request.loadTps,
      nodes: request.network.nodes.length,
      runtime: request.network.runtime,
      protocol: request.protocol.name,
      ...observed.place,
    }),
    timestamp: new Date(report.windowStartedAtMs).toISOString(),
    observedInWindow,
    throughputTps,
    offeredTps,
    efficiencyRatio: offeredTps === undefined ? undefined : throughputTps / offeredTps,
    successRatio: ledger.scheduled === 0 ? 0 : successful / ledger.scheduled,
    successful,
    failed: ledger.scheduled - successful,
    backlogGrowthRatio: observed.backlogGrowthRatio,
    backlogGrowthErrorRatio: observed.backlogGrowthErrorRatio,
    latencyKind,
    latency,
    lateness: summarizeLatency(report.lateness),
    ledger,
    clients: clients.map(clientOutcome),
    rejections: [...report.rejections]
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count),
    ...nodeOutcomes(request.network, observed),
    faults: faultOutcomes(observed.faults, report.heightsSeenMs),
    linkChanges: linkChangeOutcomes(observed.linkChanges, report.heightsSeenMs),
    segments: segmentResults(observed.parts, plan),
    phases: phaseResults(observed.parts, phaseSpans(profile, lengths.windowSecs)),
    redirected: report.redirected,
    linkGaps: observed.linkGaps,
    ...(linkCertificate === undefined ? {} : { linkCertificate }),
    ...(observed.safety === undefined ? {} : { safety: observed.safety }),
    ...(report.blockAges.count === 0 ? {} : { blockAge: summarizeAges(report.blockAges) }),
    ...(report.observer === undefined ? {} : { observer: report.observer }),
    ...(observed.environment === undefined ? {} : { environment: observed.environment }),
    evidence: {
      // Of a closed loop there is no schedule: what it sent was due.
      windowTransactions: profile.kind === "closed" ? ledger.scheduled : lengths.windowTransactions,
      nodeExits: observed.exits.map(({ node, exitCode, signal }) => ({ node, exitCode, signal })),
      // Nobody can watch a node that is down; what a node that came back did not show is missing.
      observerFailures: report.observerFailures.filter(({ node }) => !observed.downAtEnd.has(node)),
      stalls: report.stalls,
      inFlightCapReached: report.inFlightCapReached,
      ...(lateSeconds === undefined ? {} : { lateSeconds }),
      ...(lostClients.length === 0 ? {} : { lostClients }),
    },
  };
  return { ...result, verdict: judgeRun(evidenceOf(result), limits) };
}

/** Where nothing was refused, what was accepted is all that was replied. */
function summarizeLatencies({ ledger, latency }: DriveOutcome["report"]): RunResult["latency"] {
  const { responseAccepted, responseRefused, submitAccepted, submitRefused, ...whole } = latency;
  const shown: Partial<typeof latency> = rejectedTotal(ledger) === 0 ? whole : latency;
  return recordOf(latencyKinds, (kind) => shown[kind] && summarizeLatency(shown[kind]));
}

function clientOutcome({ name, host, startErrorMs, report }: ClientRun): ClientOutcome {
  const { ledger, lateness, generator } = report;
  // This machine's clients go by the run's own clock.
  const start = host === coordinatorName ? {} : { startErrorMs };
  return { name, host, ...start, ledger, lateness: summarizeLatency(lateness), generator };
}
