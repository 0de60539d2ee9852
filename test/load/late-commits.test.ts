/** Commits are told by another thread, in batches, some time after they were seen. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ledgerImbalance } from "../../src/metrics/stats/ledger.ts";
import { planFor } from "./setting.ts";
import { VirtualClient, virtualTargets, windowStartMs } from "./virtual-client.ts";

interface Seen {
  readonly sequence: number;
  readonly target: number;
  readonly seenMs: number;
}

const courses = fc.record({
  windowMs: fc.constantFrom(1000, 1300, 2000),
  /** Of each transaction, in turn: from send to reply, and to commit. */
  replyMs: fc.array(fc.nat(60), { minLength: 1, maxLength: 7 }),
  commitMs: fc.array(fc.nat(400), { minLength: 1, maxLength: 7 }),
  /** How long after it is seen a commit is told, batch by batch. */
  reportEveryMs: fc.integer({ min: 1, max: 400 }),
  stepMs: fc.integer({ min: 1, max: 40 }),
});
type Course = typeof courses extends fc.Arbitrary<infer T> ? T : never;

const at = (list: readonly number[], index: number) => list[index % list.length] ?? 0;

/** Follows a course, and tells all that was seen, by when it was seen. */
function follow({ windowMs, replyMs, commitMs, reportEveryMs, stepMs }: Course) {
  const plan = planFor(virtualTargets(2), {
    rateTps: 100,
    warmUpMs: 300,
    windowMs,
    windowTransactions: windowMs / 10,
    drainMs: 2000,
  });
  const client = new VirtualClient(plan);
  const seen: Seen[] = [];
  let reported = 0;
  let nextTellMs = client.nowMs;
  let looked = 0;
  const waiting: { readonly atMs: number; readonly act: () => void }[] = [];
  for (let nowMs = client.nowMs; !client.isOver; nowMs += stepMs) {
    client.advanceTo(nowMs);
    for (const handed of client.sent.slice(looked)) {
      waiting.push({
        atMs: handed.atMs + at(replyMs, handed.sequence),
        act: () => client.acknowledge(handed),
      });
      const { sequence, target } = handed;
      const seenMs = handed.atMs + at(commitMs, sequence);
      waiting.push({ atMs: seenMs, act: () => seen.push({ sequence, target, seenMs }) });
    }
    looked = client.sent.length;
    waiting.sort((a, b) => a.atMs - b.atMs);
    while ((waiting[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) waiting.shift()?.act();
    if (nowMs < nextTellMs) continue;
    for (; reported < seen.length; reported++) {
      const { sequence, target, seenMs } = seen[reported] as Seen;
      client.tally.committed(sequence, target, seenMs);
    }
    client.watermarkMs = nowMs;
    nextTellMs = nowMs + reportEveryMs;
  }
  return { client, seen, plan };
}

describe("commits that are told late", () => {
  test("count in the second in which they were seen, so that the rows add up to what happened", () => {
    fc.assert(
      fc.property(courses, (course) => {
        const { client, seen, plan } = follow(course);
        const { rows, seconds, tally } = client;
        expect(ledgerImbalance(tally.book.ledger)).toBeUndefined();
        expect(tally.book.ledger.sent.acknowledged).toEqual({
          committed: plan.windowTransactions,
          notSeen: 0,
        });
        expect(rows.map(({ startSecs }) => startSecs)).toEqual(
          [...rows.map(({ startSecs }) => startSecs)].sort((a, b) => a - b),
        );
        for (const { startSecs, lengthSecs, counts, completed } of rows) {
          const [fromMs, toMs] = [startSecs, startSecs + lengthSecs].map(
            (secs) => windowStartMs + secs * 1000,
          ) as [number, number];
          const isLast = startSecs === rows.at(-1)?.startSecs;
          const within = seen.filter(({ seenMs }) => seenMs >= fromMs && (seenMs < toMs || isLast));
          expect([counts.committed, completed]).toEqual([within.length, within.length]);
        }
        const inWindow = seen.filter(
          ({ seenMs }) => seenMs >= windowStartMs && seenMs < windowStartMs + plan.windowMs,
        );
        expect(seconds.committedInWindow).toBe(inWindow.length);
      }),
      { numRuns: 60 },
    );
  });

  test("those seen before the end of a drain that was cut still count, those seen after it do not", () => {
    const plan = planFor(virtualTargets(1), { warmUpMs: 0, drainMs: 100 });
    const client = new VirtualClient(plan);
    const endMs = windowStartMs + plan.windowMs + plan.drainMs;
    client.advanceTo(endMs - 1);
    for (const handed of [...client.underWay.values()]) client.acknowledge(handed);
    client.watermarkMs = endMs - 50;
    client.advanceTo(endMs + 30);
    expect(client.isOver).toBe(false);
    client.tally.committed(0, 0, endMs - 10);
    client.tally.committed(1, 0, endMs + 20);
    client.watermarkMs = endMs + 25;
    client.advanceTo(endMs + 40);
    expect(client.isOver).toBe(true);
    expect(client.tally.book.ledger.sent.acknowledged).toEqual({ committed: 1, notSeen: 199 });
    expect(client.rows.at(-1)).toMatchObject({ startSecs: 1, lengthSecs: 0.1, counts: { committed: 1 } });
  });

  test("the last row ends with the run, however long the watermark is waited for", () => {
    const client = new VirtualClient(planFor(virtualTargets(1), { warmUpMs: 0, drainMs: 100 }));
    client.advanceTo(windowStartMs + 3000);
    client.watermarkMs = windowStartMs + 3000;
    client.advanceTo(windowStartMs + 3020);
    expect(client.rows).toMatchObject([
      { startSecs: 0, lengthSecs: 1 },
      { startSecs: 1, lengthSecs: 0.1 },
    ]);
  });

  test("an observer that says nothing any more holds nothing up for ever: the run says so, and ends", () => {
    const client = new VirtualClient(planFor(virtualTargets(1), { drainMs: 100 }));
    client.advanceTo(windowStartMs + 5000);
    expect(client.isOver).toBe(false);
    client.advanceTo(windowStartMs + 7000);
    expect(client.isOver).toBe(true);
    const warnings = client.events.filter(({ type }) => type === "warning");
    expect(warnings).toMatchObject([{ message: expect.stringContaining("commit observer") }]);
    expect(client.rows.map(({ startSecs }) => startSecs)).toEqual([-1, 0, 1]);
  });

  test("one that is seen before its reply is read is no longer waited for once it is", () => {
    const client = new VirtualClient(planFor(virtualTargets(1), { warmUpMs: 0, windowTransactions: 1 }));
    client.watermarkMs = Number.POSITIVE_INFINITY;
    client.advanceTo(windowStartMs + 10);
    const [handed] = client.sent;
    if (handed === undefined) throw new Error("the first transaction was due");
    client.tally.committed(handed.sequence, 0, windowStartMs + 5);
    expect(client.tally.book.outstanding).toBe(1);
    client.acknowledge(handed);
    expect(client.tally.book.outstanding).toBe(0);
    expect(client.tally.book.ledger.sent.acknowledged).toEqual({ committed: 1, notSeen: 0 });
  });
});
