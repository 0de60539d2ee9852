import { describe, expect, test } from "vitest";
import type { Assertion } from "../../../../src/contracts/results/assertion.ts";
import type { LatencySummary } from "../../../../src/contracts/results/latency.ts";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { parseAssertion } from "../../../../src/options/rules/assertion.ts";
import { evaluateAssertions } from "../../../../src/results/analysis/assertions/assertions.ts";
import { buildRunJson, parseRunJson } from "../../../../src/results/schema/run.ts";
import { censoredRun, noCommitRun, nothingSeenRun, validRun } from "../../sample-results.ts";

function assertion(text: string): Assertion {
  const found = parseAssertion(text);
  if ("problem" in found) throw new Error(found.problem);
  return found.assertion;
}

/** One load, its runs against one assertion. */
function outcomeOf(text: string, runs: readonly RunResult[], baseline?: readonly RunResult[]) {
  const loadsTps = [...new Set(runs.map(({ parameters }) => parameters.loadTps))];
  const [outcome] = evaluateAssertions({ assertions: [assertion(text)], loadsTps, runs, baseline });
  return outcome;
}

const invalid: RunResult = {
  ...validRun,
  benchmarkNumber: 3,
  verdict: { status: "invalid", reasons: ["node2 ended"] },
};
const limited: RunResult = {
  ...validRun,
  throughputTps: 80,
  verdict: { status: "generator-limited", reasons: ["late"] },
};

/** A run whose commit latency is another. */
function withCommit(change: Partial<LatencySummary>, run: RunResult = validRun): RunResult {
  return {
    ...run,
    latency: { ...run.latency, commit: { ...run.latency.commit, ...change } as LatencySummary },
  };
}
const bound = (ms: number) => withCommit({ censored: 9, p99: { ms, atLeast: true }, maxMs: 130.75 });

const passes = { passed: true };
const fails = { passed: false };

describe("one assertion at one load", () => {
  test.each<readonly [string, string, readonly RunResult[], object]>([
    [
      "holds",
      "throughput>95tx/s",
      [validRun],
      { passed: true, value: { value: 95.2, atLeast: false }, limit: 95 },
    ],
    ["does not hold", "throughput>96tx/s", [validRun], { passed: false, limit: 96 }],
    ["at the limit: <", "throughput<95.2", [validRun], fails],
    ["at the limit: <=", "throughput<=95.2", [validRun], passes],
    ["at the limit: >", "throughput>95.2", [validRun], fails],
    ["at the limit: >=", "throughput>=95.2", [validRun], passes],
    [
      "is of percent",
      "efficiency>=95.2%",
      [validRun],
      { passed: true, value: { value: 95.2, atLeast: false } },
    ],
    ["is of seconds", "commit.p99<0.0802s", [validRun], { passed: true, limit: 80.2 }],
    ["is of microseconds", "commit.p50<44100us", [validRun], { passed: false, limit: 44.1 }],
    ["is of the headline", "latency.mean<45.3ms", [validRun], passes],
    ["is of lateness", "lateness.p999<=1.5ms", [validRun], passes],
    ["is of failures", "failed<=8280", [censoredRun], passes],
    [
      "is of the mean over repeats",
      "throughput>=87.6",
      [validRun, limited],
      { ...passes, value: { value: 87.6, atLeast: false } },
    ],
    [
      "fails with an invalid run",
      "throughput>1",
      [validRun, invalid],
      { ...fails, reason: "run 3 is invalid", value: { value: 95.2, atLeast: false } },
    ],
    [
      "fails with several",
      "throughput>1",
      [invalid, { ...invalid, benchmarkNumber: 4 }],
      { ...fails, reason: "runs 3, 4 are invalid" },
    ],
    [
      "fails where nothing was seen",
      "commit.p99<1s",
      [nothingSeenRun],
      { ...fails, reason: expect.stringMatching(/^run \d+: p99 was not seen$/) },
    ],
    [
      "fails where commits cannot be seen",
      "commit.p99<1s",
      [noCommitRun],
      { ...fails, reason: expect.stringMatching(/^run \d+: commit was not seen$/) },
    ],
    [
      "a bound above an upper limit fails",
      "commit.p99<500",
      [bound(600)],
      { ...fails, value: { value: 600, atLeast: true } },
    ],
    [
      "a bound below an upper limit shows nothing",
      "commit.p99<500",
      [bound(400)],
      { ...fails, reason: expect.stringMatching(/^cannot be shown/) },
    ],
    ["a bound above a lower limit holds", "commit.p99>500", [bound(600)], passes],
    [
      "a bound below a lower limit shows nothing",
      "commit.p99>500",
      [bound(400)],
      { ...fails, reason: expect.stringMatching(/^cannot be shown/) },
    ],
    [
      "one bound makes a bound of the mean",
      "commit.p99<500",
      [validRun, bound(10)],
      { ...fails, reason: expect.stringMatching(/^cannot be shown/) },
    ],
    [
      "the largest seen is a bound",
      "commit.max<500",
      [bound(400)],
      { ...fails, reason: expect.stringMatching(/^cannot be shown/) },
    ],
    [
      "the mean of those seen is none",
      "commit.mean<500",
      [bound(400)],
      { ...fails, reason: "run 1: the end of 9 was not seen, and mean is of the others" },
    ],
  ])("%s: %s", (_, text, runs, expected) => {
    expect(outcomeOf(text, runs)).toMatchObject(expected);
  });

  test("has no reason where value and limit show why", () => {
    expect(outcomeOf("throughput>96", [validRun])).not.toHaveProperty("reason");
  });
});

describe("a change against a baseline", () => {
  const now = (throughputTps: number): RunResult => ({ ...validRun, throughputTps });
  const before = [now(90), now(110), { ...invalid, throughputTps: 1 }];
  const baseline = { value: 100, atLeast: false };
  const faster = withCommit({ p99: { ms: 88, atLeast: false } });
  const replies: RunResult = { ...validRun, latencyKind: "response" };

  test.each<{
    readonly says: string;
    readonly text: string;
    readonly run: RunResult;
    readonly from: readonly RunResult[];
    readonly expected: object;
  }>([
    {
      says: "holds",
      text: "throughput>-5%",
      run: now(95.5),
      from: before,
      expected: { passed: true, limit: 95, baseline },
    },
    { says: "does not hold", text: "throughput>-5%", run: now(94.5), from: before, expected: fails },
    { says: "at the limit", text: "throughput>=-5%", run: now(95), from: before, expected: passes },
    {
      says: "of latency",
      text: "commit.p99<+10%",
      run: faster,
      from: [validRun],
      expected: { passed: true, limit: 88.2101 },
    },
    {
      says: "of nothing",
      text: "failed<=+0%",
      run: validRun,
      from: [validRun],
      expected: { passed: true, limit: 0 },
    },
    {
      says: "no such load",
      text: "throughput>-5%",
      run: now(95),
      from: [censoredRun],
      expected: { passed: false, reason: "baseline: no valid run at this load" },
    },
    {
      says: "of a bound",
      text: "commit.p99<+5%",
      run: validRun,
      from: [bound(600)],
      expected: { passed: false, reason: "baseline: a lower bound that includes transactions not seen" },
    },
    {
      says: "measured by more clients, which nobody asked for",
      text: "throughput>-5%",
      run: { ...now(95.5), parameters: { ...validRun.parameters, clients: 3 } },
      from: before,
      expected: { passed: false, reason: "baseline: its clients is 1, but here it is 3" },
    },
    {
      says: "commits against replies",
      text: "throughput>-5%",
      run: now(95),
      from: [replies],
      expected: { passed: false, reason: "baseline: commits against replies cannot be compared" },
    },
  ])("$says: $text", ({ text, run, from, expected }) => {
    const outcome = outcomeOf(text, [run], from);
    const limit = outcome?.limit === undefined ? undefined : Number(outcome.limit.toFixed(6));
    expect({ ...outcome, limit }).toMatchObject(expected);
  });
});

test("a change against a baseline that cannot be read fails, and says so", () => {
  expect(outcomeOf("throughput>-5%", [validRun])).toMatchObject({
    passed: false,
    reason: "baseline: it cannot be read",
  });
});

describe("a sweep's assertions", () => {
  const assertions = ["throughput>90tx/s", "failed@200<=0"].map(assertion);

  test("are told by load, each where it is about it", () => {
    const outcomes = evaluateAssertions({
      assertions,
      loadsTps: [200, 100, 200],
      runs: [validRun, censoredRun],
    });
    expect(outcomes.map(({ loadTps, assertion: { metric }, passed }) => [loadTps, metric, passed])).toEqual([
      [200, "throughput", true],
      [200, "failed", false],
      [100, "throughput", true],
    ]);
  });

  test("fail at a load that no run finished at", () => {
    const outcomes = evaluateAssertions({ assertions, loadsTps: [100, 200], runs: [validRun] });
    expect(outcomes.slice(1)).toMatchObject([
      { loadTps: 200, passed: false, reason: "no run finished" },
      { loadTps: 200, passed: false, reason: "no run finished" },
    ]);
  });

  test("come out the same from what is published", () => {
    const exact = { ...validRun, throughputTps: 94.999_96, efficiencyRatio: 0.949_999_6 };
    const read = parseRunJson(JSON.parse(JSON.stringify(buildRunJson(exact))));
    for (const text of ["throughput>=95", "efficiency>=95%", "commit.mean<=45.2ms"]) {
      expect(outcomeOf(text, [read])).toEqual(outcomeOf(text, [exact]));
    }
  });
});
