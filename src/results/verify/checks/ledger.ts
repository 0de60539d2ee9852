import { loadKindOf } from "../../../contracts/load/load-profile.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { percent, rounded } from "../../../core/documents/numbers.ts";
import {
  acknowledgedTotal,
  committedTotal,
  ledgerImbalance,
  sentTotal,
} from "../../../metrics/stats/ledger.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

/** What a run's totals, ratios and ledger say of each other. */
export function checkLedgers({ runs }: Contents, findings: Findings): void {
  for (const run of runs) {
    checkBalance(run, findings);
    checkTotals(run, findings);
    checkCounts(run, findings);
    checkSegmentCounts(run, findings);
  }
}

/** A ledger that does not balance may be what happened: then the verdict says so. */
function checkBalance(run: RunResult, findings: Findings): void {
  const imbalance = ledgerImbalance(run.ledger);
  findings.holds({ file: fileOf(run), key: "ledger" }, imbalance, {
    holds: imbalance === undefined || run.verdict.status === "invalid",
    follows: "a ledger that balances, or an invalid run",
  });
}

function checkTotals(run: RunResult, findings: Findings): void {
  const { ledger, parameters } = run;
  const place = (key: string) => ({ file: fileOf(run), key: `results.${key}` });
  const successful = run.latencyKind === "commit" ? committedTotal(ledger) : acknowledgedTotal(ledger);
  const tps = run.observedInWindow / parameters.durationSecs;
  findings.same(place("successful_transactions"), run.successful, successful);
  findings.same(place("failed_transactions"), run.failed, ledger.scheduled - successful);
  const share = ledger.scheduled === 0 ? 0 : successful / ledger.scheduled;
  findings.same(place("success_rate_percent"), percent(run.successRatio), percent(share));
  findings.same(place("throughput"), rounded(run.throughputTps), rounded(tps));
  checkOffered(run, tps, findings);
  findings.holds(place("redirected_transactions"), run.redirected, {
    holds: run.redirected <= sentTotal(ledger) && (run.redirected === 0 || parameters.failover),
    follows: parameters.failover ? "no more than were sent" : "0: failover was off",
  });
}

/** A closed loop offers what is taken, so nothing there is divided by what was offered. */
function checkOffered(run: RunResult, tps: number, findings: Findings): void {
  const { durationSecs, profile } = run.parameters;
  const place = (key: string) => ({ file: fileOf(run), key: `results.${key}` });
  const isClosed = profile.kind === "closed";
  findings.same({ file: fileOf(run), key: "kind" }, run.kind, loadKindOf(profile));
  const offered = isClosed ? undefined : run.evidence.windowTransactions / durationSecs;
  const published = (value: number | undefined, form: (value: number) => number) =>
    value === undefined ? undefined : form(value);
  findings.same(place("offered_load"), published(run.offeredTps, rounded), published(offered, rounded));
  const efficiency = offered === undefined ? undefined : tps / offered;
  findings.same(
    place("efficiency_percent"),
    published(run.efficiencyRatio, percent),
    published(efficiency, percent),
  );
}

/** Each latency has counted the transactions that the ledger says it could. */
function checkCounts(run: RunResult, findings: Findings): void {
  const { ledger, latency } = run;
  const { scheduled } = ledger;
  const [sent, acknowledged, committed] = [
    sentTotal(ledger),
    acknowledgedTotal(ledger),
    committedTotal(ledger),
  ];
  const expected = [
    { name: "results.latency.commit", summary: latency.commit, count: committed, all: scheduled },
    { name: "results.latency.commit_service", summary: latency.commitService, count: committed, all: sent },
    { name: "results.latency.response", summary: latency.response, count: acknowledged, all: scheduled },
    { name: "results.latency.submit", summary: latency.submit, count: acknowledged, all: sent },
    { name: "lateness", summary: run.lateness, count: scheduled, all: scheduled },
  ];
  for (const { name, summary, count, all } of expected) {
    if (summary === undefined) continue;
    findings.same({ file: fileOf(run), key: `${name}.count` }, summary.count, count);
    findings.same({ file: fileOf(run), key: `${name}.censored` }, summary.censored, all - count);
  }
  const { rejected, connectionFailed } = ledger.sent;
  const refused = [rejected, connectionFailed].reduce((sum, cell) => sum + cell.committed + cell.notSeen, 0);
  const reported = run.rejections.reduce((sum, { count }) => sum + count, 0);
  findings.same({ file: fileOf(run), key: "rejections" }, reported, refused);
  const isSorted = run.rejections.every(({ count }, at) => count <= (run.rejections[at - 1]?.count ?? count));
  findings.holds({ file: fileOf(run), key: "rejections" }, reported, {
    holds: isSorted,
    follows: "the most frequent first",
  });
}

/** Every transaction that is due in a segment is of a living or of a dead node, and counts in its latency. */
function checkSegmentCounts(run: RunResult, findings: Findings): void {
  run.segments.forEach((segment, index) => {
    const key = `results.stretches[${index}]`;
    for (const [side, clients] of [
      ["of_living_nodes", segment.ofLivingNodes],
      ["of_dead_nodes", segment.ofDeadNodes],
    ] as const) {
      const place = (name: string) => ({ file: fileOf(run), key: `${key}.${side}.${name}` });
      const { count, censored } = clients.latency;
      findings.same(place("successful_transactions"), clients.successful, count);
      findings.same(place("scheduled_transactions"), clients.scheduled, count + censored);
    }
    const next = run.segments[index + 1]?.fromSecs ?? rounded(run.parameters.durationSecs);
    findings.same({ file: fileOf(run), key: `${key}.to_secs` }, segment.toSecs, next);
  });
}
