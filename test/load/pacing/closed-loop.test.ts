import { expect, test } from "vitest";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { closedLoopInFlight } from "../../../src/load/plan/share.ts";
import { summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import { ledgerImbalance } from "../../../src/metrics/stats/ledger.ts";
import type { Behaviour } from "../../stand-in/config.ts";
import { planFor, run, startNodes } from "../setting.ts";
import { VirtualClient, virtualTargets, windowStartMs } from "../virtual-client.ts";

const closed = { windowTransactions: 0, closedLoop: { inFlight: 5 } };

test("the clients' parts of what is under way add up to all of it", () => {
  const parts = [0, 1, 2].map((index) => closedLoopInFlight({ ...closed, share: { index, of: 3 } }));
  expect(parts).toEqual([2, 2, 1]);
});

test("as many are under way as are asked for, whoever has them, and the next is due when one has ended", () => {
  const client = new VirtualClient(planFor(virtualTargets(2), { ...closed, maxInFlight: 2, queueLimit: 0 }));
  client.advanceTo(windowStartMs - 501);
  expect(client.underWay.size).toBe(0);
  client.advanceTo(windowStartMs - 100);
  expect(client.sent.map(({ sequence, target }) => [sequence, target])).toEqual([
    [0, 0],
    [1, 1],
    [2, 0],
    [3, 1],
    [4, 0],
  ]);
  // The second target ends none of its own: in the end all are there.
  for (let step = 0; step < 20; step++) {
    client.advanceTo(client.nowMs + 1);
    expect(client.underWay.size).toBe(5);
    const free = [...client.underWay.values()].find(({ target }) => target === 0);
    if (free !== undefined) client.acknowledge(free);
  }
  expect([...client.underWay.values()].map(({ target }) => target)).toEqual([1, 1, 1, 1, 1]);
  expect(client.tally.book.ledger.scheduled).toBe(0);
  client.advanceTo(windowStartMs + 10);
  for (const handed of [...client.underWay.values()]) client.acknowledge(handed);
  client.advanceTo(windowStartMs + 1000);
  // Those of the warm-up were sent in it; what was sent in the window is the window's.
  expect(client.tally.book.ledger.scheduled).toBe(5);
  for (const handed of [...client.underWay.values()]) client.acknowledge(handed);
  client.advanceTo(windowStartMs + 1100);
  expect(client.underWay.size).toBe(0);
});

test("at real nodes: all that is sent is accounted for, none is late, and the pace is the nodes' own", async () => {
  const slow: Behaviour = { replyDelayMs: 20, commit: { kind: "after", ms: 30 } };
  await using nodes = await startNodes([slow, slow]);
  const { report, events } = await run(planFor(nodes.targets, closed));
  const { ledger } = report;
  expect(ledgerImbalance(ledger)).toBeUndefined();
  // Five under way for 20 ms each make 250 in a second, at most.
  expect(ledger.scheduled).toBeGreaterThan(25);
  expect(ledger.scheduled).toBeLessThanOrEqual(255);
  expect(ledger.sent.acknowledged).toEqual({ committed: ledger.scheduled, notSeen: 0 });
  expect([ledger.unsent.dropped, report.inFlightCapReached]).toEqual([0, false]);
  expect(summarizeLatency(report.lateness).maxMs).toBe(0);
  const rows = events.filter((event) => event.type === "load-second" && event.second === 0);
  expect(rows).toMatchObject([{ due: ledger.scheduled }]);
});

test("with nothing under way for some client, it is refused", async () => {
  const plan = planFor(virtualTargets(1), { ...closed, share: { index: 0, of: 6 } });
  await expect(run(plan)).rejects.toThrow(InvalidArgumentError);
});
