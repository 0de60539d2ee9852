/** Runs whose load the nodes made, held to assertions and to each other. */
import { describe, expect, test } from "vitest";
import { comparabilityDiagnostics } from "../../src/cli/commands/results/compare.ts";
import type { LatencyBounds, NativeResult } from "../../src/contracts/results/native/native.ts";
import { defaultParameters } from "../../src/options/defaults.ts";
import { parseAssertion } from "../../src/options/rules/assertion.ts";
import { evaluateAssertions } from "../../src/results/analysis/assertions/assertions.ts";
import { baselineDiagnostics } from "../../src/results/analysis/assertions/baseline.ts";
import { compareSweeps } from "../../src/results/analysis/comparison/compare.ts";
import { refusedDifferences } from "../../src/results/analysis/comparison/parameter-differences.ts";
import { formatComparison } from "../../src/results/report/blocks/comparison.ts";
import { nativeRun } from "../results/sample-native.ts";
import { validRun } from "../results/sample-results.ts";

const parse = (text: string) => {
  const found = parseAssertion(text);
  if ("problem" in found) throw new Error(found.problem);
  return found.assertion;
};

/** A run of that mean latency, and that bucket of its p99. */
function runOf(meanMs: number, p99: LatencyBounds = { aboveMs: 25, upToMs: 50 }): NativeResult {
  const { figures } = nativeRun;
  const latency = figures.latency && { ...figures.latency, meanMs, p99 };
  return { ...nativeRun, figures: { ...figures, latency } };
}

const judge = (text: string, runs: readonly NativeResult[]) =>
  evaluateAssertions({ assertions: [parse(text)], loadsTps: [100], runs })[0];

describe("an assertion about a quantile", () => {
  const bucket = { aboveMs: 25, upToMs: 50 };
  const beyond = { aboveMs: 100 };
  test.each<[string, LatencyBounds, boolean, RegExp | undefined]>([
    ["latency.p99<=50ms", bucket, true, undefined],
    ["latency.p99<50ms", bucket, false, /from 25 to 50/],
    ["latency.p99<50.1ms", bucket, true, undefined],
    [
      "latency.p99<40ms",
      bucket,
      false,
      /^cannot be shown: the value and the limit lie in the same bucket, from 25 to 50/,
    ],
    ["latency.p99<=25ms", bucket, false, /from 25 to 50/],
    ["latency.p99<24ms", bucket, false, undefined],
    ["latency.p99>=25ms", bucket, true, undefined],
    ["latency.p99>40ms", bucket, false, /from 25 to 50/],
    ["latency.p99>51ms", bucket, false, undefined],
    ["latency.p99<200ms", beyond, false, /lies above 100, the last bucket's edge/],
    ["latency.p99<90ms", beyond, false, undefined],
    ["latency.p99>=100ms", beyond, true, undefined],
  ])("%s of %o holds only where the whole bucket satisfies it", (text, bounds, passed, reason) => {
    const outcome = judge(text, [runOf(30, bounds)]);
    expect(outcome?.passed).toBe(passed);
    if (reason === undefined) expect(outcome?.reason).toBeUndefined();
    else expect(outcome?.reason).toMatch(reason);
  });

  test("is about the mean of several runs' edges, and of a bound without end where one lies beyond the last", () => {
    const runs = [runOf(30), runOf(30, { aboveMs: 50, upToMs: 100 })];
    expect(judge("latency.p99<=75ms", runs)).toMatchObject({
      passed: true,
      value: { value: 37.5, atLeast: true, upTo: 75 },
    });
    expect(judge("latency.p99<=1s", [...runs, runOf(30, beyond)])?.value).not.toHaveProperty("upTo");
  });
});

test("throughput and mean are exact; what nobody counted does not hold", () => {
  expect(judge("throughput>=99.8", [nativeRun])).toMatchObject({ passed: true, value: { value: 99.8 } });
  expect(judge("latency.mean<30ms", [runOf(30)])).toMatchObject({ passed: false, limit: 30 });
  expect(judge("efficiency>1%", [nativeRun])).toMatchObject({
    passed: false,
    reason: "run 1: nodes that generate the load do not report efficiency",
  });
});

describe("compared", () => {
  const side = (path: string, means: readonly number[]) => ({
    path,
    networkType: "local" as const,
    runs: means.map((meanMs, index) => ({ ...runOf(meanMs), benchmarkNumber: index + 1 })),
  });

  test("the exact means are tested over the runs, and quantiles are shown as edges alone", () => {
    const comparison = compareSweeps(side("a", [30, 31, 32, 33, 34]), side("b", [40, 41, 42, 43, 44]));
    const [load] = comparison.loads;
    expect(load?.outcome).toBe("slower");
    expect(load?.metrics.avgLatency.significance?.adjustedP).toBeLessThan(0.05);
    expect(load?.metrics.p99Latency).toEqual({
      a: { value: 25, atLeast: true, upTo: 50 },
      b: { value: 25, atLeast: true, upTo: 50 },
    });
    const text = formatComparison(comparison);
    expect(text).toMatch(/p99 latency, ms +25\.0–50\.0 +25\.0–50\.0 +- +-$/m);
    expect(text).not.toContain("Success rate");
    expect(text).toContain("neither divided nor tested");
  });

  test("with a load that clients drove is refused by one name, and where it is allowed nothing is divided", () => {
    const { nodes, durationSecs, warmUpSecs, transactionSizeBytes } = nativeRun.parameters;
    const alike = { ...validRun.parameters, nodes, durationSecs, warmUpSecs, transactionSizeBytes };
    const driven = { ...validRun, parameters: alike };
    const [a, b] = [side("a", [30, 31, 32, 33]), { ...side("b", []), runs: [driven] }];
    const { differences } = compareSweeps(a, b);
    expect(refusedDifferences(differences, new Set())).toEqual([
      { name: "generator", a: "native", b: "clients", of: "measurement" },
    ]);
    const asked = { minEffectRatio: 0.02, calibration: undefined };
    const diagnostics = (allowed: readonly string[]) =>
      comparabilityDiagnostics({ a, b, calibration: undefined }, { ...asked, allowed: new Set(allowed) });
    expect(diagnostics([]).map(({ message }) => message)).toEqual([
      expect.stringContaining("compare anyway with --allow-different generator."),
    ]);
    expect(diagnostics(["generator"])).toEqual([]);
    const text = formatComparison(compareSweeps(a, b));
    expect(text).toContain("generator: native and clients");
    expect(text).toContain("A's numbers are of what nodes counted, B's of commits; they are not divided");
  });

  test("as a baseline with a load that clients make it is none", () => {
    const use = {
      assertions: [parse("throughput>-5%")],
      loadsTps: [100],
      profile: defaultParameters.profile,
    };
    expect(baselineDiagnostics(side("a", [30]), { ...use, runs: [] })).toEqual([
      expect.stringMatching(/^its load was generated by the nodes, .* but here by clients\./),
    ]);
    const native = { ...use, protocol: { native: true } as const, runs: [] };
    expect(baselineDiagnostics(side("a", [30]), native)).toEqual([]);
    expect(baselineDiagnostics({ ...side("b", []), runs: [validRun] }, native)).toHaveLength(1);
  });
});
