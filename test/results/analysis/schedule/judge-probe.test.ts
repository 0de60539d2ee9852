import { describe, expect, test } from "vitest";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { defaultSearch } from "../../../../src/options/defaults.ts";
import { judgeProbe } from "../../../../src/results/analysis/schedule/schedule.ts";
import { censoredRun, invalidRun, validRun } from "../../sample-results.ts";

const good: RunResult = {
  ...validRun,
  throughputTps: 98,
  efficiencyRatio: 0.98,
  backlogGrowthRatio: 0.02,
  backlogGrowthErrorRatio: 0,
};
const judged = (changes: Partial<RunResult>, options = {}) =>
  judgeProbe({ ...good, ...changes }, { ...defaultSearch, ...options });

describe("a load is sustained", () => {
  test("where every figure is just at its limit", () => {
    const p99Ms = good.latency.commit?.p99?.ms ?? 0;
    expect(judged({}, { latencyMs: p99Ms })).toEqual({
      benchmarkNumber: 1,
      loadTps: 100,
      status: "sustained",
      reasons: [],
    });
  });

  test("whatever its latency, where none was asked for", () => {
    expect(judged({ latency: { ...good.latency, commit: undefined } }).status).toBe("sustained");
  });

  test("where the window was too short to tell of a backlog", () => {
    expect(judged({ backlogGrowthRatio: undefined }).status).toBe("sustained");
  });

  test("where its backlog grew by no more than chance may do", () => {
    expect(judged({ backlogGrowthRatio: 0.05, backlogGrowthErrorRatio: 0.015 }).status).toBe("sustained");
  });

  test("where the generator was late and all figures hold nevertheless", () => {
    const verdict = { status: "generator-limited", reasons: ["late"] } as const;
    expect(judged({ verdict })).toMatchObject({ status: "sustained", reasons: [] });
  });
});

describe("a load is not sustained, and each reason is a sentence with its limit", () => {
  test.each<readonly [string, Partial<RunResult>, object, string]>([
    ["too little throughput", { efficiencyRatio: 0.9312 }, {}, "efficiency 93.1 %, limit 98 %"],
    [
      "a growing backlog",
      { backlogGrowthRatio: 0.0304 },
      {},
      "the backlog grew by 3.1 % of the load, limit 2 %",
    ],
    [
      "a backlog that grows by more than chance may do",
      { backlogGrowthRatio: 0.0504, backlogGrowthErrorRatio: 0.015 },
      {},
      "the backlog grew by 5.1 % of the load, limit 2 % + twice its standard error of 1.5 %",
    ],
    ["latency", {}, { latencyMs: 50 }, "p99 commit latency 80.2 ms, limit 50 ms"],
    [
      "latency, of which there is a lower bound only",
      { latency: censoredRun.latency },
      { latencyMs: 200 },
      "p99 commit latency at least 30001.0 ms, limit 200 ms",
    ],
    [
      "latency, of which a lower bound within the limit shows nothing",
      { latency: censoredRun.latency },
      { latencyMs: 60_000 },
      "p99 commit latency is only known to be at least 30001.0 ms, 8280 not seen, limit 60000 ms",
    ],
    [
      "no latency at all",
      { latency: { ...good.latency, commit: undefined } },
      { latencyMs: 200 },
      "no commit latency was seen, limit 200 ms",
    ],
  ])("%s", (_, changes, options, reason) => {
    expect(judged(changes, options)).toMatchObject({ status: "not-sustained", reasons: [reason] });
  });

  test("all of them", () => {
    expect(judged({ efficiencyRatio: 0.5, backlogGrowthRatio: 0.5 }, { latencyMs: 1 }).reasons).toHaveLength(
      3,
    );
  });
});

test("nobody knows whose doing it is where the generator was at its limit too", () => {
  const verdict = { status: "generator-limited", reasons: ["sent 90.00 % of the offered load"] } as const;
  expect(judged({ verdict, efficiencyRatio: 0.9 })).toMatchObject({
    status: "generator-limited",
    reasons: ["efficiency 90.0 %, limit 98 %", "sent 90.00 % of the offered load"],
  });
});

test("an invalid run says nothing, however good its figures", () => {
  const { verdict } = invalidRun;
  expect(judged({ verdict })).toMatchObject({ status: "invalid", reasons: verdict.reasons });
});
