import { loadKindOf } from "../../../contracts/load/load-profile.ts";
import { latencyKinds } from "../../../contracts/results/latency.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { percent, rounded } from "../../../core/documents/numbers.ts";
import { snakeCase } from "../../../core/keys.ts";
import { phaseSpans } from "../../../load/timeline/profile.ts";
import {
  acknowledgedTotal,
  committedTotal,
  countsByLedger,
  ledgerImbalance,
  sentTotal,
} from "../../../metrics/stats/ledger.ts";
import { headlineOf } from "../../../metrics/stats/run-metrics.ts";
import { ofEachRun } from "../contents/contents.ts";
import type { FileFindings } from "../contents/findings.ts";

/** What a run's totals, ratios and ledger say of each other. */
export const checkLedgers = ofEachRun((run, found) => {
  checkBalance(run, found);
  checkTotals(run, found);
  checkCounts(run, found);
  checkSegmentCounts(run, found);
});

/** A ledger that does not balance may be what happened: then the verdict says so. */
function checkBalance({ ledger, verdict }: RunResult, found: FileFindings): void {
  const imbalance = ledgerImbalance(ledger);
  const isSaid = imbalance === undefined || verdict.status === "invalid";
  found.holds("ledger", imbalance, isSaid, "a ledger that balances, or an invalid run");
}

function checkTotals(run: RunResult, found: FileFindings): void {
  const { ledger, parameters, redirected } = run;
  const same = (key: string, says: unknown, follows: unknown) => found.same(`results.${key}`, says, follows);
  const successful = run.latencyKind === "commit" ? committedTotal(ledger) : acknowledgedTotal(ledger);
  const tps = run.observedInWindow / parameters.durationSecs;
  same("successful_transactions", run.successful, successful);
  same("failed_transactions", run.failed, ledger.scheduled - successful);
  const share = ledger.scheduled === 0 ? 0 : successful / ledger.scheduled;
  same("success_rate_percent", percent(run.successRatio), percent(share));
  same("throughput", rounded(run.throughputTps), rounded(tps));
  checkOffered(run, tps, found);
  const isPossible = redirected <= sentTotal(ledger) && (redirected === 0 || parameters.failover);
  const follows = parameters.failover ? "no more than were sent" : "0: failover was off";
  found.holds("results.redirected_transactions", redirected, isPossible, follows);
}

/** A closed loop offers what is taken, so nothing there is divided by what was offered. */
function checkOffered(run: RunResult, tps: number, found: FileFindings): void {
  const { durationSecs, profile } = run.parameters;
  found.same("kind", run.kind, loadKindOf(profile));
  const offered = profile.kind === "closed" ? undefined : run.evidence.windowTransactions / durationSecs;
  found.same("results.offered_load", run.offeredTps && rounded(run.offeredTps), offered && rounded(offered));
  const efficiency = offered === undefined ? undefined : percent(tps / offered);
  found.same("results.efficiency_percent", run.efficiencyRatio && percent(run.efficiencyRatio), efficiency);
}

/** Each latency has counted the transactions that the ledger says it could. */
function checkCounts(run: RunResult, found: FileFindings): void {
  const { ledger, latency } = run;
  const expected = countsByLedger(ledger, latency);
  for (const kind of latencyKinds) {
    const summary = latency[kind];
    if (summary === undefined) continue;
    const name = `results.latency.${snakeCase(kind)}`;
    found.same(`${name}.count`, summary.count, expected[kind].count);
    found.same(`${name}.censored`, summary.censored, expected[kind].censored);
  }
  found.same("lateness.count", run.lateness.count, ledger.scheduled);
  found.same("lateness.censored", run.lateness.censored, 0);
  const { rejected, connectionFailed } = ledger.sent;
  const refused = [rejected, connectionFailed].reduce((sum, cell) => sum + cell.committed + cell.notSeen, 0);
  const reported = run.rejections.reduce((sum, { count }) => sum + count, 0);
  found.same("rejections", reported, refused);
  const isSorted = run.rejections.every(({ count }, at) => count <= (run.rejections[at - 1]?.count ?? count));
  found.holds("rejections", reported, isSorted, "the most frequent first");
}

/** Every transaction that is due in a segment is of a living or of a dead node, and counts in its latency. */
function checkSegmentCounts(run: RunResult, found: FileFindings): void {
  const { segments, parameters } = run;
  for (const [index, { ofLivingNodes, ofDeadNodes, toSecs }] of segments.entries()) {
    const key = `results.stretches[${index}]`;
    sameCounts(run, `${key}.of_living_nodes`, ofLivingNodes, found);
    sameCounts(run, `${key}.of_dead_nodes`, ofDeadNodes, found);
    const next = segments[index + 1]?.fromSecs ?? rounded(parameters.durationSecs);
    found.same(`${key}.to_secs`, toSecs, next);
  }
}

type Counted = Pick<RunResult["phases"][number], "scheduled" | "successful" | "latency">;

/** Those that a part of the window counts are those of its latency; that of replies has refusals too. */
function sameCounts(
  { latencyKind }: RunResult,
  key: string,
  { scheduled, successful, latency }: Counted,
  found: FileFindings,
): void {
  const isAll = latencyKind === "commit" ? successful === latency.count : successful <= latency.count;
  const follows = `${latencyKind === "commit" ? "" : "at most "}${latency.count}, which its latency has`;
  found.holds(`${key}.successful_transactions`, successful, isAll, follows);
  found.same(`${key}.scheduled_transactions`, scheduled, latency.count + latency.censored);
}

/** The phases of a run are those of its profile, and add up to its window. */
export const checkPhases = ofEachRun((run, found) => {
  const { phases, parameters, ledger } = run;
  const spans = phaseSpans(parameters.profile, parameters.durationSecs);
  found.same("results.phases", phases.length, spans.length);
  for (const [index, { name, fromMs, toMs }] of spans.entries()) {
    const key = `results.phases[${index}]`;
    found.same(`${key}.name`, phases[index]?.name, name);
    found.same(`${key}.from_secs`, phases[index]?.fromSecs, rounded(fromMs / 1000));
    found.same(`${key}.to_secs`, phases[index]?.toSecs, rounded(toMs / 1000));
  }
  if (phases.length === 0) return;
  const sum = (key: "scheduled" | "successful" | "observed") =>
    phases.reduce((all, phase) => all + phase[key], 0);
  found.same("results.phases, all scheduled_transactions", sum("scheduled"), ledger.scheduled);
  found.same("results.phases, all successful_transactions", sum("successful"), run.successful);
  found.same("results.phases, all observed", sum("observed"), run.observedInWindow);
  const counted = phases.reduce((all, { latency }) => all + latency.count, 0);
  found.same("results.phases, all latency.count", counted, headlineOf(run)?.count);
  for (const [index, phase] of phases.entries()) sameCounts(run, `results.phases[${index}]`, phase, found);
});
