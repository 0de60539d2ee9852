import { describe, expect, test } from "vitest";
import { planFor } from "../setting.ts";
import { VirtualClient, virtualTargets, windowStartMs } from "../virtual-client.ts";

const rejects = { kind: "unreachable", code: "ECONNREFUSED" } as const;

describe("transactions that are due", () => {
  test("are under way up to their target's share, the next ones wait in order, and go as places are free", () => {
    const plan = planFor(virtualTargets(2), { warmUpMs: 0, maxInFlight: 4, queueLimit: 6 });
    const client = new VirtualClient(plan);
    // 200 a second: 20 are due by then, 10 for each target, of which two are sent, three wait, and five are dropped.
    client.advanceTo(windowStartMs + 97);
    expect(client.sent.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect(client.tally.book.ledger.unsent.dropped).toBe(10);
    for (const { sequence } of client.sent.slice(0, 4)) {
      client.acknowledge(client.underWay.get(sequence) as (typeof client.sent)[number]);
    }
    expect(client.sent.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(client.dispatcher.capReached).toBe(false);
  });

  test("have all of the cap and of the queue, also where targets do not divide them", () => {
    const plan = planFor(virtualTargets(3), { warmUpMs: 0, maxInFlight: 7, queueLimit: 8 });
    const client = new VirtualClient(plan);
    client.advanceTo(windowStartMs + 497);
    expect(client.underWay.size).toBe(7);
    const { unsent, scheduled } = client.tally.book.ledger;
    expect(scheduled - unsent.dropped - client.sent.length).toBe(8);
  });

  test("wait where a transport takes no more than some, and are not overtaken", () => {
    const plan = planFor(virtualTargets(1), { warmUpMs: 0 });
    const client = new VirtualClient(plan, { capacity: 3 });
    for (let nowMs = windowStartMs; nowMs < windowStartMs + 3000; nowMs += 20) {
      client.advanceTo(nowMs);
      expect(client.underWay.size).toBeLessThanOrEqual(3);
      for (const handed of [...client.underWay.values()].slice(0, 3)) {
        client.acknowledge(handed);
        client.tally.committed(handed.sequence, 0, client.nowMs);
      }
    }
    const sequences = client.sent.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    client.watermarkMs = client.nowMs;
    client.advanceTo(client.nowMs + 20);
    expect(client.tally.book.ledger.sent.acknowledged).toEqual({ committed: 200, notSeen: 0 });
  });

  test("that cannot reach any target fail, and free their places", () => {
    const plan = planFor(virtualTargets(3), { warmUpMs: 0, failover: true, maxInFlight: 3 });
    const client = new VirtualClient(plan, { commitsObservable: false });
    for (let nowMs = windowStartMs; nowMs < windowStartMs + 1000; nowMs += 5) {
      client.advanceTo(nowMs);
      for (const { sequence, listener } of [...client.underWay.values()]) {
        client.underWay.delete(sequence);
        listener.missed(sequence, rejects, client.nowMs);
      }
    }
    client.advanceTo(windowStartMs + 1500);
    expect(client.isOver).toBe(true);
    const { sent, unsent } = client.tally.book.ledger;
    expect([sent.connectionFailed.notSeen, unsent.dropped + unsent.cut]).toEqual([200, 0]);
    expect(client.tally.book.redirected).toBe(0);
    expect([...client.tally.book.rejections.counts]).toEqual([["connection failed: ECONNREFUSED", 200]]);
  });
});
