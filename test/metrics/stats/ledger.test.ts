import { describe, expect, test } from "vitest";
import { latencyKinds } from "../../../src/contracts/results/latency.ts";
import {
  acknowledgedTotal,
  committedTotal,
  latencyImbalances,
  ledgerDifference,
  ledgerImbalance,
  mergeLedgers,
  sentTotal,
} from "../../../src/metrics/stats/ledger.ts";
import { sampleLedger as ledger } from "./sample-ledger.ts";

describe("totals", () => {
  test("a commit counts whatever was replied, an acknowledgement whether or not it committed", () => {
    expect([sentTotal(ledger), committedTotal(ledger), acknowledgedTotal(ledger)]).toEqual([97, 83, 85]);
  });
});

describe("ledgerImbalance", () => {
  test("a ledger whose places add up balances, duplicates and unknown ones apart", () => {
    expect(ledgerImbalance(ledger)).toBeUndefined();
  });

  test("one transaction too few is told with the figures", () => {
    expect(ledgerImbalance({ ...ledger, scheduled: 101 })).toBe(
      "101 scheduled, but 100 accounted for (97 sent, 2 dropped, 1 cut)",
    );
  });

  test.each([-1, 0.5, Number.NaN])("%s is no count", (bad) => {
    expect(ledgerImbalance({ ...ledger, duplicateCommits: bad })).toContain("not a count");
    expect(ledgerImbalance({ ...ledger, unsent: { dropped: bad, cut: 1 } })).toContain("not a count");
  });

  test("more late ones than scheduled ones", () => {
    expect(ledgerImbalance({ ...ledger, lateSends: ledger.scheduled + 1 })).toContain("late, but only");
  });
});

describe("mergeLedgers", () => {
  test("adds every number", () => {
    const merged = mergeLedgers([ledger, ledger, ledger]);
    expect(merged.scheduled).toBe(300);
    expect(merged.sent.timedOut).toEqual({ committed: 3, notSeen: 6 });
    expect([
      merged.duplicateCommits,
      merged.unknownCommits,
      merged.forgottenCommits,
      merged.lateSends,
    ]).toEqual([12, 9, 15, 21]);
    expect(ledgerImbalance(merged)).toBeUndefined();
  });

  test("of none is the empty ledger", () => {
    expect(ledgerImbalance(mergeLedgers([]))).toBeUndefined();
    expect(sentTotal(mergeLedgers([]))).toBe(0);
  });
});

describe("ledgerDifference", () => {
  test("names the first number that is not the sum", () => {
    expect(ledgerDifference(mergeLedgers([ledger, ledger]), [ledger, ledger])).toBeUndefined();
    expect(ledgerDifference(ledger, [ledger, ledger])).toBe("200 scheduled, not 100");
    expect(ledgerDifference({ ...ledger, lateSends: 8 }, [ledger])).toBe("7 late sends, not 8");
    const sent = { ...ledger.sent, timedOut: { committed: 2, notSeen: 1 } };
    expect(ledgerDifference({ ...ledger, sent }, [ledger])).toBe("1 timedOut and committed, not 2");
  });
});

describe("latencyImbalances", () => {
  const lateness = { count: 100, censored: 0 };
  const latency = {
    commit: { count: 83, censored: 17 },
    commitService: { count: 83, censored: 14 },
    response: { count: 85, censored: 15 },
    submit: { count: 85, censored: 12 },
  };
  const [accepted, refused] = [85, 6].map((count) => ({ count, censored: 0 }));
  const split = {
    response: { count: 91, censored: 9 },
    responseAccepted: accepted,
    responseRefused: refused,
    submit: { count: 91, censored: 6 },
    submitAccepted: accepted,
    submitRefused: refused,
  };

  test("none where every count is what the ledger says", () => {
    expect(latencyImbalances(ledger, latency, lateness)).toEqual([]);
    const { commit, commitService, ...unobserved } = latency;
    expect(latencyImbalances(ledger, unobserved, lateness)).toEqual([]);
  });

  test("a refusal is a reply where refusals have latencies of their own, as earlier versions did not give them", () => {
    expect(latencyImbalances(ledger, { ...latency, ...split }, lateness)).toEqual([]);
    expect(latencyImbalances(ledger, { ...split, response: latency.response }, lateness)).toEqual([
      "response was measured for 85 transactions and not observed for 15, but the ledger has 91 and 9",
    ]);
  });

  test.each([
    [latency, ["commit", "commitService", "response", "submit"]],
    [split, latencyKinds.slice(2)],
  ] as const)("one too many, of each", (all, kinds) => {
    for (const kind of kinds) {
      const { count, censored } = (all as Record<string, { count: number; censored: number }>)[kind] ?? {};
      if (count === undefined || censored === undefined) throw new Error(kind);
      for (const wrong of [
        { count: count + 1, censored },
        { count: count + 1, censored: censored - 1 },
      ]) {
        expect(latencyImbalances(ledger, { ...all, [kind]: wrong }, lateness), kind).toHaveLength(1);
      }
    }
  });

  test("a send without its lateness", () => {
    expect(latencyImbalances(ledger, latency, { count: 99, censored: 0 })).toEqual([
      "lateness was measured for 99 transactions and not observed for 0, but the ledger has 100 and 0",
    ]);
  });
});
