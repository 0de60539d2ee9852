import { describe, expect, test } from "vitest";
import type { ClientPlan, SegmentTally } from "../../../src/load/plan/client-plan.ts";
import { summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import { ledgerImbalance } from "../../../src/metrics/stats/ledger.ts";
import type { Behaviour } from "../../stand-in/config.ts";
import { type StandInProcess, startProcess, untilGrowing } from "../../stand-in/process.ts";
import { someOf } from "../../support/some-of.ts";
import { planFor, run, startNodes, timed } from "../setting.ts";

const quick: Behaviour = { replyDelayMs: 5, commit: { kind: "after", ms: 20 } };

const medianMs = ({ latency }: SegmentTally) => summarizeLatency(latency).p50?.ms ?? Number.NaN;

/** Runs 400 tx/s at four processes for four seconds; `crash` befalls the last one in the middle. */
async function runWithCrash(crash: (node: StandInProcess) => void, changes: Partial<ClientPlan> = {}) {
  await using stack = new AsyncDisposableStack();
  const nodes = await Promise.all([0, 1, 2, 3].map(async () => stack.use(await startProcess(quick))));
  await Promise.all(nodes.map(untilGrowing));
  const plan = planFor(
    nodes.map(({ rpc }, index) => ({ node: `node${index}`, rpc })),
    {
      rateTps: 400,
      windowTransactions: 1600,
      windowMs: 4000,
      segments: [
        { fromMs: -500, down: [] },
        { fromMs: 2000, down: [3] },
      ],
      ...changes,
    },
  );
  const { report } = await run(plan, {
    onEvent: (event) => {
      if (event.type === "load-second" && event.second === 1) crash(nodes[3] as StandInProcess);
    },
  });
  expect(ledgerImbalance(report.ledger)).toBeUndefined();
  const [before, after] = report.segments;
  if (before === undefined || after === undefined) throw new Error("there are two stretches");
  return { report, before: before.up, living: after.up, dead: after.down };
}

describe("one process of four, in the middle of a run", () => {
  someOf<readonly [string, (node: StandInProcess) => void, boolean]>(
    [
      ["killed", (node: StandInProcess) => void node.kill(), false],
      ["killed, with failover", (node: StandInProcess) => void node.kill(), true],
      ["stopped", (node: StandInProcess) => void node.child.kill("SIGSTOP"), false],
    ],
    1,
    timed,
  )("%s: what goes to the others commits as before, all of it", async (_, crash, failover) => {
    const { report, before, living, dead } = await runWithCrash(crash, { failover });
    expect([living.scheduled, living.committed]).toEqual([600, 600]);
    // Whoever had to wait for the dead one would wait for seconds; a busy machine makes some difference by itself.
    expect(medianMs(living)).toBeLessThan(medianMs(before) + 250);
    expect(report.inFlightCapReached).toBe(false);
    expect(dead.scheduled).toBe(200);
    // Some were due before it was dead, and some were under way.
    if (failover) expect(dead.committed).toBeGreaterThan(100);
    else expect(dead.committed).toBeLessThan(100);
    expect(report.redirected > 0).toBe(failover);
  });
});

test("what is sent elsewhere crowds nobody out: it keeps its own share of the cap", timed, async () => {
  const slow: Behaviour = { replyDelayMs: 100, commit: { kind: "after", ms: 20 } };
  await using nodes = await startNodes([slow, slow]);
  // 10 are under way for each target. With one share of 16 for both, 4 in 20 would wait, at last for 0.3 s.
  const plan = planFor(nodes.targets, { maxInFlight: 32, failover: true });
  const { report } = await run(plan, {
    onEvent: (event) => {
      if (event.type === "load-phase" && event.phase === "warm-up") void nodes.nodes[1]?.kill();
    },
  });
  expect(report.ledger.sent.acknowledged).toEqual({ committed: 200, notSeen: 0 });
  expect(report.redirected).toBe(100);
  if (report.latency.commit === undefined) throw new Error("commit latency is missing");
  expect(summarizeLatency(report.latency.commit).p90?.ms).toBeLessThan(150);
});
