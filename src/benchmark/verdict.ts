import type {
  FaultRecord,
  LatencySummary,
  Ledger,
  LinkGap,
  Verdict,
  VerdictLimits,
} from "../contracts/result.ts";
import type { Fork } from "../contracts/safety.ts";
import type { Standstill } from "../load/client-plan.ts";
import { ledgerImbalance, sentTotal } from "../stats/ledger.ts";

/** Everything a verdict depends on. */
export interface Evidence {
  readonly ledger: Ledger;
  /** Transactions that the plan has due in the window. */
  readonly windowTransactions: number;
  /** Transactions by why they were not taken, as the client's report has them. */
  readonly rejections: ReadonlyMap<string, number>;
  readonly lateness: LatencySummary;
  readonly headline: LatencySummary;
  readonly forks: readonly Fork[];
  readonly observerFailures: readonly { readonly node: string; readonly reason: string }[];
  readonly nodeExits: readonly {
    readonly node: string;
    readonly exitCode: number | null;
    readonly signal: string | null;
  }[];
  /** What was done to nodes on purpose. */
  readonly faults: readonly FaultRecord[];
  readonly linkGaps: readonly LinkGap[];
  readonly standstills: readonly Standstill[];
  readonly inFlightCapReached: boolean;
  readonly maxInFlight: number;
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
  const status = broken.length > 0 ? "invalid" : limited.length > 0 ? "generator-limited" : "valid";
  return { status, reasons: [...broken, ...limited] };
}

/** Limit on p99 lateness of sends for this median headline latency, milliseconds. */
export function latenessLimitMs(medianMs: number | undefined, limits: VerdictLimits): number {
  return Math.max(limits.latenessFloorMs, (medianMs ?? 0) * limits.latenessRatio);
}

function invalidities(evidence: Evidence): string[] {
  const reasons: string[] = [];
  const imbalance = ledgerImbalance(evidence.ledger);
  if (imbalance !== undefined) reasons.push(`the ledger does not balance: ${imbalance}`);
  const { scheduled } = evidence.ledger;
  if (scheduled !== evidence.windowTransactions) {
    reasons.push(
      `${scheduled} transactions were due in the window, not the ${evidence.windowTransactions} asked for`,
    );
  }
  const { count, censored } = evidence.headline;
  if (count + censored !== scheduled) {
    reasons.push(
      `latencies of ${count} and ${censored} unseen transactions stand beside ${scheduled} scheduled ones`,
    );
  }
  for (const { height, shown } of evidence.forks) {
    const blocks = shown.map(({ node, fingerprint }) => `${node} ${fingerprint.slice(0, 16)}`);
    reasons.push(`nodes disagree on the committed prefix at height ${height}: ${blocks.join(", ")}`);
  }
  for (const exit of evidence.nodeExits) {
    const how = exit.signal === null ? `with exit code ${exit.exitCode}` : `by ${exit.signal}`;
    reasons.push(`${exit.node} ended ${how} without being asked to`);
  }
  for (const { node, action, askedSecs, failure } of evidence.faults) {
    if (failure === undefined) continue;
    const what = action === "crash" ? "crash" : "come back";
    reasons.push(`${node} was to ${what} ${askedSecs.toFixed(1)} s into the window and did not: ${failure}`);
  }
  for (const { host, lostSecs, reason, givenUp } of evidence.linkGaps) {
    if (!givenUp) continue;
    reasons.push(`${host} was lost ${placeOf({ atSecs: lostSecs })} and did not come back: ${reason}`);
  }
  for (const { node, reason } of evidence.observerFailures) {
    reasons.push(`the commit observer of ${node} lost its place: ${reason}`);
  }
  for (const still of evidence.standstills) {
    if (still.cause === "asleep") {
      reasons.push(`the machine slept for ${secs(still.lengthMs)} s, ${placeOf(still)}`);
    }
  }
  return reasons;
}

function generatorLimits(evidence: Evidence, limits: VerdictLimits): string[] {
  const reasons: string[] = [];
  const lateMs = evidence.lateness.p99?.ms;
  const limitMs = latenessLimitMs(evidence.headline.p50?.ms, limits);
  if (lateMs !== undefined && lateMs > limitMs) {
    reasons.push(`p99 lateness of sends ${lateMs.toFixed(1)} ms, limit ${limitMs.toFixed(1)} ms`);
  }
  const { scheduled } = evidence.ledger;
  const achieved = scheduled === 0 ? 1 : sentTotal(evidence.ledger) / scheduled;
  if (achieved < limits.achievedRatio) {
    reasons.push(
      `sent ${(achieved * 100).toFixed(2)} % of the offered load, limit ${(limits.achievedRatio * 100).toFixed(2)} %`,
    );
  }
  if (evidence.inFlightCapReached) {
    reasons.push(`${evidence.maxInFlight} requests were under way, the cap, while the system still answered`);
  }
  for (const [code, want] of ownWants) {
    const count = evidence.rejections.get(`connection failed: ${code}`) ?? 0;
    if (count > 0) {
      reasons.push(`the load generator had ${want} (${code}), for ${count} of its transactions`);
    }
  }
  for (const still of evidence.standstills) {
    // What was over before the window cost nothing that is reported.
    const reachesWindow = still.atSecs * 1000 + still.lengthMs > 0;
    if (still.cause === "stopped" && reachesWindow) {
      reasons.push(`the generator stood still for ${secs(still.lengthMs)} s, ${placeOf(still)}`);
    }
  }
  return reasons;
}

/** Failed connections that are no doing of the system under test. */
const ownWants = [
  ["EMFILE", "too many open files, its limit being ulimit -n"],
  ["ENFILE", "too many open files on its machine"],
  ["EADDRNOTAVAIL", "no free port left for a connection"],
] as const;

const secs = (ms: number) => (ms / 1000).toFixed(1);

function placeOf({ atSecs }: Pick<Standstill, "atSecs">): string {
  const place = secs(Math.abs(atSecs) * 1000);
  return atSecs < 0 && place !== "0.0" ? `${place} s before the window` : `${place} s into the window`;
}
