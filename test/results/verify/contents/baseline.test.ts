import { describe, expect, test } from "vitest";
import type { AssertionOutcome } from "../../../../src/contracts/results/assertion.ts";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { parseAssertion } from "../../../../src/options/rules/assertion.ts";
import { evaluateAssertions } from "../../../../src/results/analysis/assertions/assertions.ts";
import { Fields } from "../../../../src/results/schema/fields.ts";
import { buildSummaryJson } from "../../../../src/results/schema/summary.ts";
import { withBaseline } from "../../../../src/results/verify/contents/baseline.ts";
import { Findings } from "../../../../src/results/verify/contents/findings.ts";
import { validRun } from "../../sample-results.ts";

/** As a summary publishes it. */
const assertionJson = (outcome: AssertionOutcome): object =>
  buildSummaryJson({
    run: "3f9a2c1e",
    networkType: "local",
    runtime: "process",
    startedAt: validRun.timestamp,
    finishedAt: validRun.timestamp,
    runs: [],
    assertions: [outcome],
  }).assertions[0];

const run = (throughputTps: number, change: Partial<RunResult> = {}): RunResult => ({
  ...validRun,
  throughputTps,
  ...change,
});
const invalid = run(95, { verdict: { status: "invalid", reasons: ["node2 ended"] } });

interface Case {
  readonly text?: string;
  readonly runs?: readonly RunResult[];
  readonly baseline?: readonly RunResult[];
}

/** An assertion's outcome as a summary tells it, with this change, and what differs from it when it is made again. */
function differences(change: object, { text = "throughput>-5%", runs = [run(96)], baseline }: Case = {}) {
  const parsed = parseAssertion(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  const assertions = [parsed.assertion];
  const loadsTps = [validRun.parameters.loadTps];
  const before = baseline ?? [run(100)];
  const [outcome] = evaluateAssertions({ assertions, loadsTps, runs, baseline: before });
  const [own] = evaluateAssertions({ assertions, loadsTps, runs });
  if (outcome === undefined || own === undefined) throw new Error("no outcome");
  const reported = JSON.parse(JSON.stringify({ ...assertionJson(outcome), ...change })) as object;
  const findings = new Findings();
  const again = withBaseline(own, new Fields(reported), {
    runs,
    index: 0,
    found: findings.in("summary.json"),
  });
  findings.in("summary.json").sameJson("", reported, assertionJson(again));
  return findings.differences.map(({ key }) => key);
}

const gone = undefined;

describe("an assertion that is measured from a baseline", () => {
  test.each<readonly [string, Case]>([
    ["that holds", {}],
    ["that does not", { runs: [run(94)] }],
    ["of an invalid run", { runs: [run(96), invalid] }],
    ["of no run", { runs: [] }],
    ["without a valid run in the baseline", { baseline: [invalid] }],
    ["commits against replies", { baseline: [run(100, { latencyKind: "response" })] }],
    // The limit is 95.00032, published as 95, and the value is 95.0001.
    [
      "between the limit and what is published of it",
      { runs: [...Array(9).fill(run(95)), run(95.001)], baseline: [run(100.001), run(100), run(100)] },
    ],
    ["with a large change", { text: "throughput<+900%", baseline: [run(100.001), run(100), run(100)] }],
  ])("as the sweep told it agrees: %s", (_, given) => {
    expect(differences({}, given)).toEqual([]);
  });

  test.each<readonly [string, object, Case, readonly string[]]>([
    ["a failure told as held", { passed: true }, { runs: [run(94)] }, ["passed"]],
    ["one that holds, told as failed", { passed: false }, {}, ["passed"]],
    ["a reason that is none", { passed: false, reason: "baseline: gone" }, {}, ["passed", "reason"]],
    [
      "an invalid run, told as held",
      { passed: true, reason: gone },
      { runs: [invalid] },
      ["passed", "reason"],
    ],
    [
      "no baseline, told as held",
      { passed: true, reason: gone },
      { baseline: [invalid] },
      ["passed", "reason"],
    ],
    ["a limit from nothing", { baseline: gone }, {}, ["limit", "passed", "reason"]],
    ["a baseline without its limit", { limit: gone }, {}, ["assertions[0].limit", "passed", "reason"]],
    ["another baseline", { baseline: 90 }, {}, ["assertions[0].limit"]],
    ["another limit", { limit: 97, passed: false }, {}, ["assertions[0].limit"]],
  ])("is found: %s", (_, change, given, keys) => {
    expect(differences(change, given)).toEqual(keys);
  });
});
