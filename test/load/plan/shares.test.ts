import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { buildPacer } from "../../../src/load/pacing/pacer.ts";
import type { ClientPlan } from "../../../src/load/plan/client-plan.ts";
import { Share } from "../../../src/load/plan/share.ts";
import { ledgerImbalance, mergeLedgers } from "../../../src/metrics/stats/ledger.ts";
import type { Behaviour } from "../../stand-in/config.ts";
import { planFor, run, startNodes } from "../setting.ts";
import { VirtualClient, virtualTargets, windowStartMs } from "../virtual-client.ts";

const shares = fc
  .integer({ min: 1, max: 7 })
  .map((of) => Array.from({ length: of }, (_, index) => ({ index, of })));

describe("the shares of a run", () => {
  test("hold each transaction once, numbered without gaps, however many there are of them", () => {
    fc.assert(
      fc.property(shares, fc.nat(200), (all, transactions) => {
        const sequences = all.flatMap((one) => {
          const share = new Share(one);
          return Array.from({ length: share.countOf(transactions) }, (_, index) => {
            const sequence = share.sequenceOf(index);
            expect([share.indexOf(sequence), share.has(sequence)]).toEqual([index, true]);
            return sequence;
          });
        });
        const wanted = Array.from({ length: transactions }, (_, sequence) => sequence);
        expect(sequences.sort((a, b) => a - b)).toEqual(wanted);
      }),
    );
  });

  test("schedule the plan's transactions together, each when the pacer has it due, at the targets in turn", () => {
    const arrivals = fc.constantFrom<ClientPlan["arrival"]>("constant", "poisson");
    fc.assert(
      fc.property(shares, fc.integer({ min: 1, max: 300 }), arrivals, (all, windowTransactions, arrival) => {
        const plan = planFor(virtualTargets(3), {
          ...{ rateTps: 300, warmUpMs: 70, windowTransactions, arrival },
          maxInFlight: 1000,
        });
        const pacer = buildPacer(plan);
        const clients = all.map((share) => new VirtualClient({ ...plan, share }));
        for (const client of clients) {
          client.watermarkMs = Number.POSITIVE_INFINITY;
          client.advanceTo(windowStartMs + 1000);
          for (const handed of [...client.underWay.values()]) {
            client.acknowledge(handed);
            client.tally.committed(handed.sequence, handed.target, client.nowMs);
          }
          client.advanceTo(windowStartMs + 1100);
          expect(client.isOver).toBe(true);
          expect(client.sent.map(({ target }) => target)).toEqual(client.sent.map((_, index) => index % 3));
          for (const { sequence, atMs } of client.sent) {
            expect(atMs).toBeCloseTo(windowStartMs + pacer.dueMs(sequence), 5);
          }
        }
        const ledger = mergeLedgers(clients.map(({ tally }) => tally.book.ledger));
        expect([ledger.scheduled, ledger.sent.acknowledged.committed]).toEqual([
          windowTransactions,
          windowTransactions,
        ]);
        const due = clients.flatMap(({ rows }) => rows.map(({ counts }) => counts.due));
        expect(due.reduce((sum, count) => sum + count, 0)).toBe(pacer.transactions);
      }),
      { numRuns: 40 },
    );
  });

  test("of two clients at one committee: each sees its own through, and nothing of the other's", async () => {
    const quick: Behaviour = { replyDelayMs: 5, commit: { kind: "after", ms: 20 } };
    await using nodes = await startNodes([quick, quick]);
    const plans = [0, 1].map((index) =>
      planFor(nodes.targets, {
        ...{ client: index, share: { index, of: 2 }, windowTransactions: 199 },
        ...{ requestTimeoutMs: 20_000, drainMs: 20_000 },
      }),
    );
    const reports = (await Promise.all(plans.map((plan) => run(plan)))).map(({ report }) => report);
    expect(reports.map(({ ledger }) => ledger.scheduled)).toEqual([100, 99]);
    for (const { ledger } of reports) expect(ledgerImbalance(ledger)).toBeUndefined();
    expect(mergeLedgers(reports.map(({ ledger }) => ledger))).toMatchObject({
      scheduled: 199,
      sent: { acknowledged: { committed: 199, notSeen: 0 } },
      duplicateCommits: 0,
      unknownCommits: 0,
    });
  });

  test.each([
    { index: 2, of: 2 },
    { index: -1, of: 2 },
    { index: 0, of: 0 },
    { index: 0.5, of: 2 },
  ])("that are none are refused: $index of $of", async (share) => {
    await expect(run(planFor(virtualTargets(1), { share }))).rejects.toThrow(InvalidArgumentError);
  });
});
