import { describe, expect, test } from "vitest";
import type { BaleenEvent } from "../../../../src/contracts/events.ts";
import type { Calibration } from "../../../../src/contracts/results/calibration.ts";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { isDriven } from "../../../../src/metrics/stats/run-metrics.ts";
import { checkParameters, givenFrom } from "../../../../src/options/checks/check.ts";
import { parseAssertion } from "../../../../src/options/rules/assertion.ts";
import { mysticeti } from "../../../../src/protocol/mysticeti.ts";
import { evaluateAssertions } from "../../../../src/results/analysis/assertions/assertions.ts";
import { baselineDiagnostics } from "../../../../src/results/analysis/assertions/baseline.ts";
import {
  calibrateLoads,
  calibrationMismatches,
} from "../../../../src/results/analysis/comparison/calibrate.ts";
import { compareSweeps } from "../../../../src/results/analysis/comparison/compare.ts";
import { formatAssertions } from "../../../../src/results/report/blocks/assertions.ts";
import { formatCalibration } from "../../../../src/results/report/blocks/calibration.ts";
import { formatComparison } from "../../../../src/results/report/blocks/comparison.ts";
import { formatMarkdown } from "../../../../src/results/report/documents/markdown.ts";
import { describeEvent } from "../../../../src/results/report/text/event-text.ts";
import { repeated, runOf, sideOf } from "../../sample-comparisons.ts";
import { reportedSweeps } from "../reported-sweeps.ts";

const profile = { kind: "closed" } as const;

/** The same run in a closed loop, with so many under way as its load has transactions a second. */
function closed({ offeredTps: _, efficiencyRatio: __, ...run }: RunResult): RunResult {
  return { ...run, kind: "closed-loop", parameters: { ...run.parameters, profile } };
}

const runs = repeated().map(closed);

function asserted(text: string) {
  const parsed = parseAssertion(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed.assertion;
}

describe("a load of a closed loop is in flight, not so many a second:", () => {
  test("events", () => {
    const envelope = { v: 1, run: "r1", source: "coordinator", seq: 0, t: "" } as const;
    const text = (event: BaleenEvent) => describeEvent(event)?.text;
    const sweep = { type: "sweep-started", network: "local", runtime: "process", loadsTps: [1, 64] } as const;
    expect(text({ ...envelope, ...sweep, closedLoop: true })).toContain(", loads 1, 64 in flight");
    const run = { type: "run-created", benchmarkNumber: 1, loadTps: 64 } as const;
    expect(text({ ...envelope, ...run, closedLoop: true })).toBe("Run 1: 64 in flight");
    expect(text({ ...envelope, ...run })).toBe("Run 1: 64 tx/s");
  });

  test("assertions", () => {
    const assertions = [asserted("throughput>1"), asserted("efficiency>=1%")];
    const outcomes = evaluateAssertions({ assertions, loadsTps: [100], runs });
    const text = formatAssertions(outcomes, runs);
    expect(text).toMatch(/^ASSERTIONS\n +Closed Assertion.*\nin flight\n/);
    expect(text).toMatch(/\nefficiency\S* at 100 in flight: /);
  });

  test("comparisons", () => {
    const later = [...runs, closed(runOf({ loadTps: 200 }))];
    const comparison = compareSweeps(sideOf("a", runs), sideOf("b", later));
    const text = formatComparison(comparison);
    expect(text).toContain("\n100 in flight: ");
    expect(text).toContain("Only in B: 200 in flight");
    expect(text.replaceAll("Throughput, tx/s", "")).not.toContain("tx/s");
    const mixed = formatComparison(compareSweeps(sideOf("a", repeated()), sideOf("b", runs)));
    expect(mixed).toContain("\n100 tx/s or in flight: ");
  });

  test("Markdown", () => {
    const [sweep] = reportedSweeps.baseline ?? [];
    if (sweep?.baseline === undefined) throw new Error("that sweep has no baseline");
    const summary = { ...sweep.summary, runs: sweep.summary.runs.map(closed) };
    const baseline = { ...sweep.baseline, runs: sweep.baseline.runs.filter(isDriven).map(closed) };
    const text = formatMarkdown([{ ...sweep, summary, baseline }]);
    expect(text).toContain("### Assertions\n\n| Closed, in flight |");
    expect(text).toMatch(/\n- \d+ in flight: /);
    expect(text).not.toContain("Load, tx/s");
  });

  test("calibrations", () => {
    const loads = calibrateLoads(runs);
    const calibration: Calibration = { networkType: "local", timestamp: "", environment: {}, loads };
    expect(formatCalibration(calibration)).toMatch(
      /3 and 2 at 100 in flight\.[\s\S]*\n100 in flight: no noise floor/,
    );
    const side = sideOf("a", [closed(runOf({ loadTps: 64 }))]);
    const use = { calibration, a: side, b: side, allowed: new Set<string>() };
    expect(calibrationMismatches(use)).toEqual(["it has no load of 64 in flight"]);
  });

  test("assertions that name no load of the sweep, and baselines that lack one", () => {
    const { diagnostics } = checkParameters(
      givenFrom({ profile: "closed:64", assert: ["failed@32<1"] }),
      mysticeti,
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining("is about 32 in flight, and"),
    ]);
    const use = { assertions: [asserted("throughput>-5%")], loadsTps: [64], profile, runs: [] };
    expect(baselineDiagnostics(sideOf("a", runs), use)).toEqual([
      expect.stringMatching(/^it has no run at 64 in flight that is not invalid/),
    ]);
  });
});
