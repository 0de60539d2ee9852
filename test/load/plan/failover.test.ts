import { describe, expect, test } from "vitest";
import type { ClientPlan } from "../../../src/load/plan/client-plan.ts";
import { summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import { ledgerImbalance } from "../../../src/metrics/stats/ledger.ts";
import type { Behaviour } from "../../stand-in/config.ts";
import { type StandIn, startStandIn } from "../../stand-in/node.ts";
import { type Nodes, planFor, run, startNodes } from "../setting.ts";

const quick: Behaviour = { replyDelayMs: 5, commit: { kind: "after", ms: 20 } };
const none = { committed: 0, notSeen: 0 };

/** Runs with these nodes dead before the first transaction is due. */
async function runWithDead(nodes: Nodes, dead: readonly number[], changes: Partial<ClientPlan> = {}) {
  const plan = planFor(nodes.targets, { segments: [{ fromMs: -500, down: dead }], ...changes });
  const ran = await run(plan, {
    onEvent: (event) => {
      if (event.type !== "load-phase" || event.phase !== "warm-up") return;
      for (const index of dead) void nodes.nodes[index]?.kill();
    },
  });
  expect(ledgerImbalance(ran.report.ledger)).toBeUndefined();
  return ran;
}

describe("a target that cannot be reached", () => {
  test("without failover its transactions fail, and no other's", async () => {
    await using nodes = await startNodes([quick, quick, quick, quick]);
    const { report } = await runWithDead(nodes, [3]);
    expect(report.ledger.sent).toEqual({
      acknowledged: { committed: 150, notSeen: 0 },
      rejected: none,
      timedOut: none,
      connectionFailed: { committed: 0, notSeen: 50 },
    });
    expect([...report.rejections]).toEqual([["connection failed: ECONNREFUSED", 50]]);
    expect(report.redirected).toBe(0);
    const [segment] = report.segments;
    expect([segment?.up.scheduled, segment?.up.committed]).toEqual([225, 225]);
    expect([segment?.down.scheduled, segment?.down.committed]).toEqual([75, 0]);
    expect(segment?.down.latency.censored.count).toBe(75);
  });

  test("with failover they go to the next one, and commit there, each once", async () => {
    await using nodes = await startNodes([quick, quick, quick, quick]);
    const { report, events } = await runWithDead(nodes, [3], { failover: true });
    expect(report.ledger.sent.acknowledged).toEqual({ committed: 200, notSeen: 0 });
    expect([report.ledger.duplicateCommits, report.ledger.unknownCommits]).toEqual([0, 0]);
    expect(report.redirected).toBe(50);
    expect(report.rejections.size).toBe(0);
    const [segment] = report.segments;
    expect([segment?.up.committed, segment?.down.scheduled, segment?.down.committed]).toEqual([225, 75, 75]);
    const sent = events.reduce((sum, event) => sum + (event.type === "load-second" ? event.sent : 0), 0);
    expect(sent).toBe(300);
  });

  test("with failover they pass over the next one too where that is dead, round the committee", async () => {
    await using nodes = await startNodes([quick, quick, quick, quick]);
    const { report } = await runWithDead(nodes, [0, 2, 3], { failover: true });
    expect(report.ledger.sent.acknowledged).toEqual({ committed: 200, notSeen: 0 });
    expect(report.redirected).toBe(150);
  });

  test("where none can be reached, all fail, and none was redirected", async () => {
    await using nodes = await startNodes([quick, quick]);
    const { report } = await runWithDead(nodes, [0, 1], { failover: true });
    expect(report.ledger.sent.connectionFailed).toEqual({ committed: 0, notSeen: 200 });
    expect(report.redirected).toBe(0);
    expect(report.observerFailures.map(({ node }) => node).sort()).toEqual(["node0", "node1"]);
  });

  test("a hang-up is never sent again, nor a time-out", async () => {
    const harsh: Behaviour = { ...quick, hangUpEvery: 20, hangUpCommits: true, neverAnswerEvery: 50 };
    await using nodes = await startNodes([harsh, harsh]);
    const plan = planFor(nodes.targets, { failover: true, requestTimeoutMs: 2000, drainMs: 5000 });
    const { report } = await run(plan);
    expect(report.ledger.sent.connectionFailed).toEqual({ committed: 10, notSeen: 0 });
    expect(report.ledger.sent.timedOut).toEqual({ committed: 4, notSeen: 0 });
    expect([report.redirected, report.ledger.duplicateCommits]).toEqual([0, 0]);
  });
});

test("a target that comes back has its share again within about a second, and its observer its place", async () => {
  await using nodes = await startNodes([quick, quick]);
  const [, dying] = nodes.nodes;
  const rpc = nodes.targets[1]?.rpc;
  if (dying === undefined || rpc === undefined) throw new Error("there are two nodes");
  let back: Promise<StandIn> | undefined;
  const plan = planFor(nodes.targets, {
    failover: true,
    windowTransactions: 800,
    windowMs: 4000,
    drainMs: 10_000,
    segments: [
      { fromMs: -500, down: [1] },
      { fromMs: 3000, down: [] },
    ],
  });
  const { report } = await run(plan, {
    onEvent: (event) => {
      if (event.type === "load-phase" && event.phase === "warm-up") void dying.kill();
      if (event.type === "load-second" && event.second === 0) {
        back = startStandIn({ rpc, peers: 1, behaviour: quick, recoveredHeight: dying.height() });
      }
    },
  });
  await (await back)?.kill();
  expect(report.ledger.sent.acknowledged).toEqual({ committed: 800, notSeen: 0 });
  // It was away for the first of four seconds, with 100 transactions each.
  expect(report.redirected).toBeGreaterThanOrEqual(100);
  expect(report.redirected).toBeLessThan(300);
  expect(report.observerFailures).toEqual([]);
  expect(report.agreement?.forks).toEqual([]);
  const [before, after] = report.segments.map(({ up, down }) => [up.committed, down.committed]);
  expect([before, after]).toEqual([
    [350, 350],
    [200, 0],
  ]);
});

test("heights are seen as they grow, whoever shows them first; without stretches they are not kept", async () => {
  await using nodes = await startNodes([quick, quick]);
  const { report } = await runWithDead(nodes, [1]);
  const seenMs = report.heightsSeenMs;
  expect(seenMs.length).toBeGreaterThan(100);
  expect(seenMs).toEqual([...seenMs].sort((a, b) => a - b));
  expect(seenMs[0]).toBeLessThan(0);
  expect(seenMs.at(-1)).toBeGreaterThan(900);
  const { report: plain } = await runWithDead(nodes, [], {
    segments: [],
    targets: nodes.targets.slice(0, 1),
  });
  expect(plain.heightsSeenMs).toEqual([]);
  expect(plain.segments).toEqual([]);
  expect(summarizeLatency(plain.lateness).count).toBe(200);
});
