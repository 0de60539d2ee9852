import { describe, expect, test } from "vitest";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import { committedTotal, ledgerImbalance } from "../../../src/metrics/stats/ledger.ts";
import type { Behaviour } from "../../stand-in/config.ts";
import { planFor, run, startNodes, timed } from "../setting.ts";

const quick: Behaviour = { replyDelayMs: 5, commit: { kind: "after", ms: 20 } };

function within(ms: number, expected: number, toleranceMs: number, aboveMs = toleranceMs): void {
  expect(ms).toBeGreaterThan(expected - toleranceMs);
  expect(ms).toBeLessThan(expected + aboveMs);
}

describe("latencies", () => {
  test("a known reply delay and a known commit delay come out within 5 ms", timed, async () => {
    const behaviour: Behaviour = { replyDelayMs: 30, commit: { kind: "after", ms: 120 } };
    await using nodes = await startNodes([behaviour, behaviour, behaviour, behaviour]);
    const { report } = await run(planFor(nodes.targets));
    const { commit, commitService, response, submit } = report.latency;
    for (const [record, expected] of [
      [commit, 120],
      [commitService, 120],
      [response, 30],
      [submit, 30],
    ] as const) {
      if (record === undefined) throw new Error("a latency is missing");
      const summary = summarizeLatency(record);
      within(summary.p50?.ms ?? 0, expected, 5);
      expect([summary.count, summary.censored]).toEqual([200, 0]);
    }
  });

  test("commits in blocks every 200 ms take 100 ms in the mean, spread evenly", timed, async () => {
    const behaviour: Behaviour = { replyDelayMs: 5, commit: { kind: "every", ms: 200 } };
    await using nodes = await startNodes([behaviour]);
    const { report } = await run(planFor(nodes.targets, { warmUpMs: 200 }));
    if (report.latency.commit === undefined) throw new Error("commit latency is missing");
    const summary = summarizeLatency(report.latency.commit);
    within(summary.meanMs ?? 0, 100, 8);
    within(summary.stdDevMs ?? 0, 200 / Math.sqrt(12), 5);
  });

  test(
    "a node that stands still for a second delays as open-loop theory says, by due times",
    timed,
    async () => {
      const stalledAt = 60;
      const behaviour: Behaviour = { ...quick, stall: { atSequence: stalledAt, forMs: 1000 } };
      await using nodes = await startNodes([behaviour]);
      const plan = planFor(nodes.targets, {
        warmUpMs: 0,
        windowTransactions: 400,
        windowMs: 2000,
        maxInFlight: 32,
      });
      const { report } = await run(plan);
      const dueMs = (i: number) => (i * 1000) / plan.rateTps;
      const stallEndMs = dueMs(stalledAt) + 1000;
      const theory = Array.from({ length: 400 }, (_, i) =>
        i < stalledAt ? 5 : Math.max(5, stallEndMs - dueMs(i)),
      ).sort((a, b) => a - b);
      if (report.latency.response === undefined) throw new Error("response latency is missing");
      const summary = summarizeLatency(report.latency.response);
      // 168 of them wait here for one of the 32 connections; their wait counts. How long the node takes for all that
      // has gathered is the machine's affair: measured by sends, p90 would be 5 ms.
      within(summary.p90?.ms ?? 0, theory[359] ?? 0, 60, 200);
      within(summary.p99?.ms ?? 0, theory[395] ?? 0, 25, 200);
      expect(report.ledger.sent.acknowledged.committed).toBe(400);
    },
  );
});

describe("offered load", () => {
  test("600 tx/s are sent at 600, and exactly 1,000 are scheduled", timed, async () => {
    await using nodes = await startNodes([quick, quick]);
    const plan = planFor(nodes.targets, {
      rateTps: 600,
      windowTransactions: 1000,
      windowMs: (1000 / 600) * 1000,
      warmUpMs: 200,
    });
    const { report, events } = await run(plan);
    expect(report.ledger.scheduled).toBe(1000);
    expect(committedTotal(report.ledger)).toBe(1000);
    const rows = events.filter((event) => event.type === "load-second");
    expect(rows.find((row) => row.second === 0)?.due).toBe(600);
    expect(rows.filter((row) => row.second >= 0).reduce((sum, row) => sum + row.due, 0)).toBe(1000);
    within(rows.find((row) => row.second === 0)?.sent ?? 0, 600, 15);
  });

  test("throughput is what commits inside the window: a slow system shows its own pace, not the offered load", async () => {
    // Two connections and a reply each 20 ms: 100 tx/s at most, of 200 offered.
    await using nodes = await startNodes([{ replyDelayMs: 20, commit: { kind: "after", ms: 0 } }]);
    const { report } = await run(planFor(nodes.targets, { maxInFlight: 2, queueLimit: 50, drainMs: 200 }));
    expect(report.inFlightCapReached).toBe(true);
    expect(report.committedInWindow).toBeLessThan(110);
    expect(report.ledger.unsent.dropped).toBeGreaterThan(20);
    expect(report.ledger.unsent.cut).toBeGreaterThan(5);
    expect(ledgerImbalance(report.ledger)).toBeUndefined();
  });

  test("Poisson arrivals are as many, and all committed", async () => {
    await using nodes = await startNodes([quick]);
    const { report } = await run(planFor(nodes.targets, { arrival: "poisson" }));
    expect(report.ledger.sent.acknowledged).toEqual({ committed: 200, notSeen: 0 });
  });

  test("phases come in order, the run ends when nothing is outstanding, seconds add up", async () => {
    await using nodes = await startNodes([quick]);
    const before = performance.now();
    const { report, events } = await run(planFor(nodes.targets, { drainMs: 20_000 }));
    expect(performance.now() - before).toBeLessThan(4000);
    const phases = events.filter((event) => event.type === "load-phase").map(({ phase }) => phase);
    expect(phases).toEqual(["warm-up", "window", "drain", "done"]);
    const rows = events.filter((event) => event.type === "load-second");
    expect(rows.reduce((sum, row) => sum + row.committed, 0)).toBe(300);
    expect(rows.find((row) => row.second === 0)?.committed).toBe(report.committedInWindow);
    expect(rows.find((row) => row.second === 0)?.acknowledged).toBe(report.acknowledgedInWindow);
  });

  test("where commits cannot be observed, acknowledgements are all there is", async () => {
    await using nodes = await startNodes([quick]);
    const { report, events } = await run(planFor(nodes.targets), { unobserved: true });
    expect(report.committedInWindow).toBeUndefined();
    expect([report.latency.commit, report.latency.commitService]).toEqual([undefined, undefined]);
    expect(report.ledger.sent.acknowledged).toEqual({ committed: 0, notSeen: 200 });
    const row = events.find((event) => event.type === "load-second" && event.second === 0);
    expect(row).toMatchObject({
      acknowledged: report.acknowledgedInWindow,
      committed: 0,
      p50Ms: expect.any(Number),
    });
  });
});

describe("plans that cannot be followed", () => {
  test.each([
    ["no targets", { targets: [] }],
    ["rate 0", { rateTps: 0 }],
    ["no transactions", { windowTransactions: 0 }],
    ["a transaction too small", { transactionSizeBytes: 3 }],
    ["more transactions than fit into the window", { windowTransactions: 202 }],
  ])("%s", async (_, changes) => {
    const targets = [{ node: "node0", rpc: { host: "127.0.0.1", port: 9 } }];
    await expect(run(planFor(targets, changes))).rejects.toThrow(InvalidArgumentError);
  });
});
