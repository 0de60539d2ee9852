import { describe, expect, test } from "vitest";
import type { LatencyRecord } from "../../src/metrics/stats/latency-record.ts";
import { ledgerImbalance } from "../../src/metrics/stats/ledger.ts";
import { applies, type Behaviour, type Rule } from "../stand-in/config.ts";
import { countInWindow, planFor, run, startNodes } from "./setting.ts";

const quick: Behaviour = { replyDelayMs: 5, commit: { kind: "after", ms: 20 } };

async function runAgainst(behaviour: Behaviour, changes: Parameters<typeof planFor>[1] = {}) {
  await using nodes = await startNodes([behaviour, behaviour, behaviour, behaviour]);
  const plan = planFor(nodes.targets, changes);
  const { report } = await run(plan);
  expect(ledgerImbalance(report.ledger)).toBeUndefined();
  const hit = (rule: Rule) => countInWindow(plan, (sequence) => applies(rule, behaviour, sequence));
  return { report, hit };
}

const counts = (record: LatencyRecord | undefined) => [record?.measured.count, record?.censored.count];

describe("the ledger", () => {
  test("rejections, hang-ups and commits that never come stand in their cells, each counted exactly", async () => {
    const { report, hit } = await runAgainst(
      { ...quick, rejectEvery: 10, hangUpEvery: 20, neverCommitEvery: 50 },
      { drainMs: 3000 },
    );
    const [rejected, hungUp, lost] = [hit("reject"), hit("hangUp"), hit("neverCommit")];
    expect([rejected, hungUp, lost]).toEqual([20, 10, 4]);
    expect(report.ledger).toEqual({
      scheduled: 200,
      unsent: { dropped: 0, cut: 0 },
      sent: {
        acknowledged: { committed: 200 - rejected - hungUp - lost, notSeen: lost },
        rejected: { committed: 0, notSeen: rejected },
        timedOut: { committed: 0, notSeen: 0 },
        connectionFailed: { committed: 0, notSeen: hungUp },
      },
      duplicateCommits: 0,
      unknownCommits: 0,
      forgottenCommits: 0,
      lateSends: report.ledger.lateSends,
    });
    expect(report.rejections).toEqual(
      new Map([
        ["code 7: refused by the script", rejected],
        ["connection failed: UND_ERR_SOCKET", hungUp],
      ]),
    );
    expect(counts(report.latency.commit)).toEqual([166, 34]);
    // A refusal is a reply; only what was hung up on has none.
    expect(counts(report.latency.response)).toEqual([190, 10]);
    expect(counts(report.latency.submit)).toEqual([190, 10]);
    expect(counts(report.latency.responseAccepted)).toEqual([170, 0]);
    expect(counts(report.latency.responseRefused)).toEqual([20, 0]);
    expect(counts(report.latency.submitAccepted)).toEqual([170, 0]);
    expect(counts(report.latency.submitRefused)).toEqual([20, 0]);
  });

  test("5 % of commits dropped, 3 % rejected, 2 % never answered (half of them committed), 1 % duplicated: the cells show exactly these", {
    tags: "full",
  }, async () => {
    const { report } = await runAgainst(
      {
        ...quick,
        neverCommitEvery: 20,
        rejectEvery: { count: 3, of: 100 },
        neverAnswerEvery: 50,
        neverAnswerCommits: "half",
        duplicateEvery: 100,
      },
      { rateTps: 200, windowTransactions: 1000, windowMs: 5000, requestTimeoutMs: 5000, drainMs: 7000 },
    );
    expect(report.ledger).toEqual({
      scheduled: 1000,
      unsent: { dropped: 0, cut: 0 },
      sent: {
        acknowledged: { committed: 900, notSeen: 50 },
        rejected: { committed: 0, notSeen: 30 },
        timedOut: { committed: 10, notSeen: 10 },
        connectionFailed: { committed: 0, notSeen: 0 },
      },
      duplicateCommits: 10,
      unknownCommits: 0,
      forgottenCommits: 0,
      lateSends: report.ledger.lateSends,
    });
    expect(counts(report.latency.commit)).toEqual([910, 90]);
    expect(counts(report.latency.commitService)).toEqual([910, 90]);
    // What was rejected was answered; what timed out was not.
    expect(counts(report.latency.response)).toEqual([980, 20]);
    expect(counts(report.latency.submit)).toEqual([980, 20]);
    expect(counts(report.latency.responseRefused)).toEqual([30, 0]);
  });

  test("a reply lost to a hang-up can still commit, and is never sent again", async () => {
    const { report, hit } = await runAgainst({ ...quick, hangUpEvery: 20, hangUpCommits: true });
    expect(report.ledger.sent.connectionFailed).toEqual({ committed: hit("hangUp"), notSeen: 0 });
    expect(report.ledger.duplicateCommits).toBe(0);
  });

  test("what is never answered times out, and its commit counts in that cell", async () => {
    const { report, hit } = await runAgainst(
      { ...quick, neverAnswerEvery: 20 },
      { requestTimeoutMs: 2500, drainMs: 5000 },
    );
    expect(report.ledger.sent.timedOut).toEqual({ committed: hit("neverAnswer"), notSeen: 0 });
    expect(counts(report.latency.commit)).toEqual([200, 0]);
    expect(counts(report.latency.response)).toEqual([190, 10]);
    expect(report.latency.response?.censored.minUs).toBeGreaterThan(2_499_000);
  });

  test("duplicated commits and commits of transactions never sent are counted apart", async () => {
    const { report, hit } = await runAgainst(
      { ...quick, duplicateEvery: 20, unknownEvery: 40 },
      { warmUpMs: 0 },
    );
    expect(report.ledger.sent.acknowledged).toEqual({ committed: 200, notSeen: 0 });
    expect(report.ledger.duplicateCommits).toBe(hit("duplicate"));
    expect(report.ledger.unknownCommits).toBe(hit("unknown"));
  });

  test("what is under way at the end of the drain counts as timed out, what waits as cut", async () => {
    const slow: Behaviour = { replyDelayMs: 5000, commit: { kind: "after", ms: 20 } };
    const { report } = await runAgainst(slow, { maxInFlight: 40, warmUpMs: 0, drainMs: 100 });
    expect(report.ledger.sent.timedOut).toEqual({ committed: 40, notSeen: 0 });
    expect(report.ledger.unsent).toEqual({ dropped: 0, cut: 160 });
    expect(counts(report.latency.commit)).toEqual([40, 160]);
    expect(counts(report.latency.commitService)).toEqual([40, 0]);
  });
});
