import type { EnvironmentReport } from "../../../contracts/hosts/host-load.ts";
import type { LinkGap } from "../../../contracts/nodes/links.ts";
import type { FaultRecord } from "../../../contracts/results/faults.ts";
import type { GeneratorFigures, ObserverFigures } from "../../../contracts/results/generator.ts";
import type { LatencySummary } from "../../../contracts/results/latency.ts";
import type { ClientOutcome, RunResult } from "../../../contracts/results/result.ts";
import type { Fork } from "../../../contracts/results/safety.ts";
import type {
  LostClients,
  RunEvidence,
  Stall,
  Verdict,
  VerdictLimits,
} from "../../../contracts/results/verdict.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { backgroundCoverage } from "../../../metrics/hosts/seconds-tally.ts";
import {
  latencyImbalances,
  ledgerDifference,
  ledgerImbalance,
  sentTotal,
} from "../../../metrics/stats/ledger.ts";
import { linkReasons, shaperLimits } from "./link-reasons.ts";

/** Everything a verdict depends on. All of it is published, so that the verdict can be computed again. */
export interface Evidence
  extends RunEvidence,
    Pick<
      RunResult,
      "ledger" | "clients" | "rejections" | "lateness" | "latency" | "linkChanges" | "linkCertificate"
    > {
  readonly headline: LatencySummary;
  readonly forks: readonly Fork[];
  /** What was done to nodes on purpose. */
  readonly faults: readonly FaultRecord[];
  readonly linkGaps: readonly LinkGap[];
  /** Absent where commits could not be observed. */
  readonly observer?: ObserverFigures | undefined;
  /** Absent where nobody looked at the machines. */
  readonly environment?: EnvironmentReport | undefined;
  readonly windowSecs: number;
  readonly maxInFlight: number;
}

/** The evidence for the verdict on a run, of this process or read from a file. */
export function evidenceOf({ evidence, ...run }: Omit<RunResult, "verdict">): Evidence {
  return {
    ...run,
    ...evidence,
    headline: run.latency[run.latencyKind] ?? { count: 0, censored: run.ledger.scheduled },
    forks: run.safety?.forks ?? [],
    windowSecs: run.parameters.durationSecs,
    maxInFlight: run.parameters.maxInFlight,
  };
}

/**
 * Says whether a run can be believed.
 *
 * invalid: something happened that makes its numbers mean something else. generator-limited: the numbers are true,
 * but they describe the load generator as much as the system. valid: neither. Every reason is stated.
 */
export function judgeRun(evidence: Evidence, limits: VerdictLimits): Verdict {
  const broken = invalidities(evidence);
  const limited = generatorLimits(evidence, limits);
  const reasons = [...broken, ...limited.map(({ reason }) => reason)];
  if (broken.length > 0) return { status: "invalid", reasons };
  if (limited.length === 0) return { status: "valid", reasons };
  return { status: "generator-limited", limitedBy: whoLimited(evidence, limited), reasons };
}

/** What the load generator, or the machine that it runs on, had to do with a run's numbers. */
interface Limitation {
  readonly reason: string;
  /** Something came late, as it does where others use the machine. */
  readonly isLate?: true;
  /** It is the shaper of the links that was late. */
  readonly isOfShaper?: true;
}

/** Others are to blame only for what was late, and where they were busy when most of it was. */
function whoLimited(evidence: Evidence, limited: readonly Limitation[]) {
  if (limited.every(({ isOfShaper }) => isOfShaper)) return "shaper";
  const { lateSeconds } = evidence;
  const wereBusy =
    lateSeconds === undefined ? areClientsDisturbed(evidence) : lateSeconds.disturbed * 2 > lateSeconds.late;
  return wereBusy && limited.every(({ isLate }) => isLate) ? "machine" : "generator";
}

/** Over the window, where no second's sends were late: an observer that is has none. */
function areClientsDisturbed({ environment, clients }: Evidence): boolean {
  const machines = new Set(clients.map(({ host }) => host));
  const { hosts = [], limits } = environment ?? {};
  return hosts.some(
    ({ host, disturbedSecs, window }) =>
      machines.has(host) && disturbedSecs * 100 > (window?.secs ?? 0) * (limits?.disturbedPercent ?? 100),
  );
}

/** Limit on p99 lateness of sends for this median headline latency, milliseconds. */
export function latenessLimitMs(medianMs: number | undefined, limits: VerdictLimits): number {
  return Math.max(limits.latenessFloorMs, (medianMs ?? 0) * limits.latenessRatio);
}

function invalidities(evidence: Evidence): string[] {
  const reasons: string[] = [];
  const imbalance = ledgerImbalance(evidence.ledger);
  if (imbalance !== undefined) reasons.push(`the ledger does not balance: ${imbalance}`);
  const { windowTransactions, lostClients = [] } = evidence;
  const lost = lostClients.reduce((sum, each) => sum + each.windowTransactions, 0);
  const { scheduled } = evidence.ledger;
  if (scheduled + lost !== windowTransactions) {
    const others = lost === 0 ? "" : `, and ${lost} more at clients that were lost`;
    reasons.push(
      `${scheduled} transactions were due in the window${others}, not the ${windowTransactions} asked for`,
    );
  }
  reasons.push(...lostClients.map((each) => lossText(each, windowTransactions)));
  reasons.push(...latencyImbalances(evidence.ledger, evidence.latency, evidence.lateness));
  const parts = evidence.clients.map(({ ledger }) => ledger);
  const difference = ledgerDifference(evidence.ledger, parts);
  if (difference !== undefined) reasons.push(`the ledgers of the clients do not add up: ${difference}`);
  for (const { height, shown } of evidence.forks) {
    const blocks = shown.map(({ node, fingerprint }) => `${node} ${fingerprint.slice(0, 16)}`);
    reasons.push(`nodes disagree on the committed prefix at height ${height}: ${blocks.join(", ")}`);
  }
  for (const exit of evidence.nodeExits) {
    const how = exit.signal === null ? `with exit code ${exit.exitCode}` : `by ${exit.signal}`;
    reasons.push(`${exit.node} ended ${how} unexpectedly`);
  }
  reasons.push(...faultReasons(evidence.faults), ...linkReasons(evidence));
  for (const { host, lostSecs, reason, givenUp } of evidence.linkGaps) {
    if (!givenUp) continue;
    reasons.push(`${host} was lost ${placeOf({ atSecs: lostSecs })} and did not come back: ${reason}`);
  }
  for (const { node, reason } of evidence.observerFailures) {
    reasons.push(`the commit observer of ${node} lost its position: ${reason}`);
  }
  for (const still of evidence.stalls) {
    if (still.cause === "asleep") {
      reasons.push(`the machine slept for ${secs(still.lengthMs)} s, ${placeOf(still)}`);
    }
  }
  return [...reasons, ...impurities(evidence)];
}

/** What was to be done to nodes and was not. */
export function faultReasons(faults: readonly FaultRecord[]): string[] {
  return faults.flatMap(({ node, action, askedSecs, failure }) => {
    if (failure === undefined) return [];
    const what = `${node} was to ${faultVerbs[action]} ${tenths(askedSecs)} s into the window`;
    return [`${what} and did not: ${failure}`];
  });
}

/** What a fault does, after "was to". */
export const faultVerbs: Readonly<Record<FaultRecord["action"], string>> = {
  crash: "crash",
  recover: "come back",
  pause: "pause",
  resume: "resume",
};

function lossText({ clients, host, reason, ...lost }: LostClients, windowTransactions: number): string {
  // A closed loop offers nothing: what they would have sent cannot be known.
  const share =
    lost.windowTransactions === 0
      ? ""
      : `, with ${((100 * lost.windowTransactions) / windowTransactions).toFixed(1)} % of the offered load`;
  const [who, were] = clients.length === 1 ? [clients[0], "was"] : [clients.join(", "), "were"];
  return `${who} on ${host} ${were} lost ${placeOf(lost)}${share}: ${reason}`;
}

/** What a strict environment does not allow: others on the machines, and machines that do not tell of others. */
export function impurities({
  environment,
  windowSecs,
}: Pick<Evidence, "environment" | "windowSecs">): string[] {
  if (environment?.strict !== true) return [];
  const silent = environment.hosts.flatMap(({ host, window }) => {
    const { seenSecs, wholeSecs, isEnough } = backgroundCoverage(window, windowSecs);
    if (isEnough) return [];
    const known = seenSecs === 0 ? "is not known" : `was seen in ${seenSecs} of ${wholeSecs} s only`;
    return [`other activity on ${host} ${known}, and --strict-environment is set`];
  });
  return [...environment.reasons.map((reason) => `the machines were disturbed: ${reason}`), ...silent];
}

function generatorLimits(evidence: Evidence, limits: VerdictLimits): Limitation[] {
  const reasons: Limitation[] = [];
  const lateMs = evidence.lateness.p99?.ms;
  const limitMs = latenessLimitMs(evidence.headline.p50?.ms, limits);
  if (lateMs !== undefined && lateMs > limitMs) {
    const reason = `p99 lateness of sends ${lateMs.toFixed(1)} ms, limit ${limitMs.toFixed(1)} ms${causesOf(evidence.clients)}`;
    reasons.push({ reason, isLate: true });
  }
  reasons.push(...slownessOf(evidence.observer, limitMs), ...shaperLimits(evidence));
  const { scheduled } = evidence.ledger;
  const achieved = scheduled === 0 ? 1 : sentTotal(evidence.ledger) / scheduled;
  if (achieved < limits.achievedRatio) {
    const reason = `sent ${(achieved * 100).toFixed(2)} % of the offered load, limit ${(limits.achievedRatio * 100).toFixed(2)} %`;
    reasons.push({ reason });
  }
  if (evidence.inFlightCapReached) {
    const cap = `the in-flight cap (${evidence.maxInFlight} requests over all clients and nodes)`;
    reasons.push({ reason: `a client's share of ${cap} was used up while the node still answered` });
  }
  for (const [code, want] of ownWants) {
    const failed = evidence.rejections.find(({ reason }) => reason === `connection failed: ${code}`);
    if (failed !== undefined) {
      const reason = `the load generator had ${want} (${code}), for ${failed.count} of its transactions`;
      reasons.push({ reason });
    }
  }
  for (const still of evidence.stalls) {
    // What was over before the window cost nothing that is reported.
    const reachesWindow = rounded(still.atSecs) * 1000 + rounded(still.lengthMs) > 0;
    if (still.cause === "stopped" && reachesWindow) {
      const reason = `the load generator stalled for ${secs(still.lengthMs)} s, ${placeOf(still)}`;
      reasons.push({ reason, isLate: true });
    }
  }
  return reasons;
}

/** A commit counts from when its block was read: an observer that comes late to its blocks makes every latency longer. */
function slownessOf(observer: ObserverFigures | undefined, limitMs: number): Limitation[] {
  const { loopDelayP99Ms: delayMs, loopDelayMaxMs, cpuMaxRatio } = observer ?? {};
  if (delayMs === undefined || delayMs <= limitMs) return [];
  const causes = [
    cpuMaxRatio === undefined
      ? []
      : [`CPU ${rounded(cpuMaxRatio).toFixed(2)} of a core in the busiest second`],
    loopDelayMaxMs === undefined ? [] : [`at most ${tenths(loopDelayMaxMs)} ms`],
  ].flat();
  const why = causes.length === 0 ? "" : ` (${causes.join(", ")})`;
  const reason = `the commit observer read blocks late: p99 ${delayMs.toFixed(1)} ms, limit ${limitMs.toFixed(1)} ms${why}`;
  return [{ reason, isLate: true }];
}

/**
 * What the generator saw of itself, in brackets: of the client whose sends were latest. Empty where nothing is known.
 * Figures are as they are published: what was read from a file gives the same text.
 */
function causesOf(clients: readonly ClientOutcome[]): string {
  const [latest] = clients.toSorted((a, b) => (b.lateness.p99?.ms ?? 0) - (a.lateness.p99?.ms ?? 0));
  const { cpuMaxRatio, loopDelayMaxMs, gcPauseTotalMs }: GeneratorFigures = latest?.generator ?? {};
  const reported = (value: number, digits: number) => rounded(value).toFixed(digits);
  const known = [
    cpuMaxRatio === undefined ? [] : [`CPU ${reported(cpuMaxRatio, 2)} of a core in the busiest second`],
    loopDelayMaxMs === undefined ? [] : [`event loop late by at most ${reported(loopDelayMaxMs, 1)} ms`],
    gcPauseTotalMs === undefined ? [] : [`garbage collection ${reported(gcPauseTotalMs, 0)} ms in all`],
  ].flat();
  const whose = clients.length > 1 && latest !== undefined ? `${latest.name}: ` : "";
  return known.length === 0 ? "" : ` (${whose}${known.join(", ")})`;
}

/** Failed connections that are no doing of the system under test. */
const ownWants = [
  ["EMFILE", "too many open files, its limit being ulimit -n"],
  ["ENFILE", "too many open files on its machine"],
  ["EADDRNOTAVAIL", "no free port left for a connection"],
] as const;

/** To a tenth, from the number as it is published: what was read from a file gives the same text. */
const tenths = (value: number) => rounded(value).toFixed(1);
const secs = (ms: number) => (rounded(ms) / 1000).toFixed(1);

function placeOf({ atSecs }: Pick<Stall, "atSecs">): string {
  const place = tenths(Math.abs(atSecs));
  return atSecs < 0 && place !== "0.0" ? `${place} s before the window` : `${place} s into the window`;
}
