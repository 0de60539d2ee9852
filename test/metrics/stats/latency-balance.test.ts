import { describe, expect, test } from "vitest";
import { latencyImbalances } from "../../../src/metrics/stats/latency-balance.ts";
import { sampleLedger as ledger } from "./sample-ledger.ts";

describe("latencyImbalances", () => {
  const lateness = { count: 100, censored: 0 };
  const latency = {
    commit: { count: 83, censored: 17 },
    commitService: { count: 83, censored: 14 },
    response: { count: 85, censored: 15 },
    submit: { count: 85, censored: 12 },
  };

  test("none where every count is what the ledger says", () => {
    expect(latencyImbalances(ledger, latency, lateness)).toEqual([]);
    const { commit, commitService, ...unobserved } = latency;
    expect(latencyImbalances(ledger, unobserved, lateness)).toEqual([]);
  });

  test.each(["commit", "commitService", "response", "submit"] as const)("%s: one too many", (kind) => {
    const { count, censored } = latency[kind];
    for (const wrong of [
      { count: count + 1, censored },
      { count: count + 1, censored: censored - 1 },
    ]) {
      expect(latencyImbalances(ledger, { ...latency, [kind]: wrong }, lateness)).toHaveLength(1);
    }
  });

  test("a send without its lateness", () => {
    expect(latencyImbalances(ledger, latency, { count: 99, censored: 0 })).toEqual([
      "lateness was measured of 99 transactions and not seen of 0, where the ledger has 100 and 0",
    ]);
  });
});
