import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../src/cli/terminal/context.ts";
import type { RunResult } from "../../../src/contracts/results/result.ts";
import type { Verdict } from "../../../src/contracts/results/verdict.ts";
import { defaultSearch } from "../../../src/options/defaults.ts";
import { parseAssertion } from "../../../src/options/rules/assertion.ts";
import { concludeSweep } from "../../../src/results/analysis/conclude.ts";
import { validRun } from "../sample-results.ts";
import { safetyRuns } from "../sample-safety.ts";

const search = { ...defaultSearch, fromTps: 100, toTps: 200 };

/** A probe whose figures are those of its efficiency. */
function probe(benchmarkNumber: number, loadTps: number, change: Partial<RunResult> = {}): RunResult {
  const { efficiencyRatio = 1 } = change;
  const parameters = { ...validRun.parameters, loadTps };
  const throughputTps = loadTps * efficiencyRatio;
  return { ...validRun, parameters, benchmarkNumber, efficiencyRatio, throughputTps, ...change };
}

const verdict = (status: Verdict["status"]): Verdict => ({ status, reasons: ["a hiccup"] });
const invalid: Partial<RunResult> = { verdict: verdict("invalid") };
const limited: Partial<RunResult> = { verdict: verdict("generator-limited"), efficiencyRatio: 0.5 };

function conclude(runs: readonly RunResult[], text = "throughput>=199tx/s") {
  const parsed = parseAssertion(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return {
    runs,
    ...concludeSweep(runs, { assertions: [parsed.assertion], loadsTps: [], search }, undefined),
  };
}

describe("a search whose first try at the load it finds is repeated", () => {
  test.each([
    ["invalid", invalid],
    ["generator-limited beyond a term", limited],
  ])("is held to the second one alone: %s", (_, change) => {
    const sweep = conclude([probe(1, 100), probe(2, 200, change), probe(3, 200)]);
    expect(sweep.search).toMatchObject({ outcome: "upper-bound", sustainedTps: 200 });
    expect(sweep.assertions).toMatchObject([{ loadTps: 200, passed: true, value: { value: 200 } }]);
    expect([exitCodeOf(sweep, false), exitCodeOf(sweep, true)]).toEqual([0, 0]);
  });

  test("fails where the second one is invalid too, or it ended before that", () => {
    const stopped = conclude([probe(1, 100), probe(2, 200, invalid), probe(3, 200, invalid)], "failed<=0");
    expect(stopped.assertions).toMatchObject([{ loadTps: 100, passed: true }]);
    expect(exitCodeOf(stopped, false)).toBe(3);
    expect(exitCodeOf(conclude([probe(1, 100), probe(2, 200, invalid)], "failed<=0"), false)).toBe(3);
  });

  test("fails where the first one showed a fork: that is no hiccup", () => {
    const { safety } = safetyRuns.forked;
    const sweep = conclude([probe(1, 100), probe(2, 200, { ...invalid, safety }), probe(3, 200)]);
    expect(sweep.assertions).toMatchObject([{ passed: true }]);
    expect(exitCodeOf(sweep, false)).toBe(3);
  });
});

test("a sweep over given loads fails with an invalid run, however many others there are", () => {
  const runs = [probe(1, 100, invalid), probe(2, 100)];
  expect(exitCodeOf({ runs, search: undefined }, false)).toBe(3);
});
