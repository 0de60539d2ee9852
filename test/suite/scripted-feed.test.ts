import { describe, expect, test } from "vitest";
import { feed } from "../../benchmarks/suite/scripted-feed.ts";
import { mapValues } from "../../src/core/keys.ts";
import { summarizeLatency } from "../../src/metrics/stats/latency-record.ts";
import { latencyImbalances, ledgerImbalance } from "../../src/metrics/stats/ledger.ts";

describe("a million transactions through the generator's books", () => {
  test("the ledger is the script's to the last one, though the memory of them is reused many times", () => {
    const sampledAt: number[] = [];
    const { tally, lateness, expected, seconds } = feed({
      transactions: 1e6,
      rateTps: 500,
      sampleEvery: 250_000,
      onSample: (fed) => sampledAt.push(fed),
    });
    expect(tally.book.ledger).toEqual(expected);
    expect(ledgerImbalance(tally.book.ledger)).toBeUndefined();
    expect(tally.book.ledger.forgottenCommits).toBeGreaterThan(500);
    expect(tally.book.outstanding).toBe(0);
    const latency = mapValues(tally.latency, summarizeLatency);
    expect(latencyImbalances(tally.book.ledger, latency, summarizeLatency(lateness))).toEqual([]);
    // A reply 100 sends later, at 500 a second; that it may be told up to 3 ms late is in the script, too.
    expect(latency.submit?.p50?.ms).toBeCloseTo(200, 0);
    // The warm-up's transactions are among them, and their commits.
    expect(seconds.due).toBe(1_010_000);
    expect(seconds.committed).toBe(1_010_000 * 0.908);
    expect(sampledAt).toEqual([250_000, 500_000, 750_000, 1_000_000]);
  });
});
