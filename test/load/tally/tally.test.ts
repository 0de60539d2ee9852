import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mapValues } from "../../../src/core/keys.ts";
import { buildPacer } from "../../../src/load/pacing/pacer.ts";
import type { SecondCount, SecondTally } from "../../../src/load/tally/second-tally.ts";
import { SecondRows } from "../../../src/load/tally/seconds.ts";
import { Tally } from "../../../src/load/tally/tally.ts";
import { summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import { latencyImbalances, ledgerImbalance } from "../../../src/metrics/stats/ledger.ts";
import { planFor } from "../setting.ts";
import { endRequest } from "./tally-model.ts";

const targets = [{ node: "node0", rpc: { host: "127.0.0.1", port: 1 } }];
const windowStartMs = 1000;

function openTally(changes: Parameters<typeof planFor>[1] = {}) {
  const plan = planFor(targets, { warmUpMs: 50, ...changes });
  const pacer = buildPacer(plan);
  const rows: SecondTally["counts"][] = [];
  const seconds = new SecondRows({ startMs: -plan.warmUpMs, windowMs: plan.windowMs }, ({ counts }) => {
    rows.push(counts);
  });
  const counted = (what: SecondCount) => rows.reduce((sum, counts) => sum + counts[what], 0);
  const tally = new Tally({ plan, pacer, commitsObservable: true, seconds });
  tally.begin(windowStartMs);
  const close = (endMs: number) => {
    tally.close(endMs);
    seconds.finish(endMs - windowStartMs);
  };
  return { plan, pacer, tally, close, counted };
}

describe("Tally", () => {
  test("balances after any course of events, and every latency counts each transaction once", () => {
    const steps = fc.array(
      fc.record({
        what: fc.constantFrom("admit", "drop", "send", "reply", "commit"),
        pick: fc.nat(),
        outcome: fc.nat(4),
      }),
      { maxLength: 400, size: "max" },
    );
    fc.assert(
      fc.property(steps, (course) => {
        const { pacer, tally, close, counted } = openTally();
        const [queued, inFlight]: number[][] = [[], []];
        let next = 0;
        let nowMs = windowStartMs;
        const take = (from: number[] | undefined, pick: number) =>
          from === undefined || from.length === 0 ? undefined : from.splice(pick % from.length, 1)[0];
        for (const { what, pick, outcome } of course) {
          nowMs += 5;
          if (what === "admit" && next < pacer.transactions) {
            tally.admit(next, pacer.dueMs(next), nowMs);
            queued?.push(next++);
          }
          if (what === "commit") tally.committed(pick % 120, 0, nowMs);
          const sequence = take(
            what === "reply" ? inFlight : queued,
            what === "admit" || what === "commit" ? 0 : pick,
          );
          if (sequence === undefined) continue;
          if (what === "drop") tally.dropped(sequence, nowMs);
          else if (what === "send") {
            tally.sent(sequence, 0, nowMs);
            inFlight?.push(sequence);
          } else if (what === "reply") endRequest(tally, sequence, outcome, nowMs);
          else queued?.unshift(sequence);
        }
        close(nowMs + 5);
        const { scheduled, unsent } = tally.book.ledger;
        expect(scheduled).toBe(Math.max(0, next - pacer.warmUpTransactions));
        expect(ledgerImbalance(tally.book.ledger)).toBeUndefined();
        expect(tally.book.outstanding).toBe(0);
        expect(counted("acknowledged") + counted("failed")).toBe(counted("due"));
        const { commit, response, commitService, submit } = tally.latency;
        for (const record of [commit, response])
          expect(record.measured.count + record.censored.count).toBe(scheduled);
        for (const record of [commitService, submit]) {
          expect(record.measured.count + record.censored.count).toBe(scheduled - unsent.dropped - unsent.cut);
        }
        const summaries = mapValues(tally.latency, summarizeLatency);
        expect(latencyImbalances(tally.book.ledger, summaries, { count: scheduled, censored: 0 })).toEqual(
          [],
        );
      }),
    );
  });

  test("a transaction whose slot is needed again counts as not seen; its later commit is counted apart", () => {
    const { pacer, tally, close } = openTally({
      maxInFlight: 1,
      queueLimit: 0,
      rateTps: 0.01,
      warmUpMs: 0,
      windowTransactions: 20,
      windowMs: 2e6,
    });
    for (let sequence = 0; sequence < 9; sequence++) {
      const nowMs = windowStartMs + pacer.dueMs(sequence);
      expect(tally.admit(sequence, pacer.dueMs(sequence), nowMs)).toBe(true);
      tally.sent(sequence, 0, nowMs);
      tally.acknowledged(sequence, nowMs);
    }
    tally.committed(0, 0, windowStartMs + 900_000);
    expect(tally.book.ledger.forgottenCommits).toBe(1);
    tally.committed(8, 0, windowStartMs + 900_000);
    close(windowStartMs + 900_000);
    expect(tally.book.ledger.sent.acknowledged).toEqual({ committed: 1, notSeen: 8 });
    expect([tally.latency.commit.measured.count, tally.latency.commit.censored.count]).toEqual([1, 8]);
    expect(tally.latency.commit.censored.minUs).toBe(200_000_000);
    expect(tally.book.ledger.duplicateCommits + tally.book.ledger.unknownCommits).toBe(0);
  });

  test("what is still waiting keeps its slot: the newcomer is dropped, and counted", () => {
    const { pacer, tally, close } = openTally({
      maxInFlight: 1,
      queueLimit: 0,
      rateTps: 0.01,
      warmUpMs: 0,
      windowTransactions: 20,
      windowMs: 2e6,
    });
    const admitted = Array.from({ length: 20 }, (_, sequence) =>
      tally.admit(sequence, pacer.dueMs(sequence), 2e6 + 1000),
    );
    expect(admitted.filter(Boolean)).toHaveLength(8);
    close(2e6 + 1000);
    expect(tally.book.ledger.unsent).toEqual({ dropped: 12, cut: 8 });
    expect(ledgerImbalance(tally.book.ledger)).toBeUndefined();
  });

  test("a commit seen after the end changes nothing", () => {
    const { pacer, tally, close } = openTally({ warmUpMs: 0 });
    const nowMs = windowStartMs + pacer.dueMs(0);
    tally.admit(0, pacer.dueMs(0), nowMs);
    tally.sent(0, 0, nowMs);
    tally.acknowledged(0, nowMs);
    close(nowMs + 1000);
    tally.committed(0, 0, nowMs + 1001);
    expect(tally.book.ledger.sent.acknowledged).toEqual({ committed: 0, notSeen: 1 });
    expect([tally.latency.commit.measured.count, tally.latency.commit.censored.count]).toEqual([0, 1]);
  });
});
