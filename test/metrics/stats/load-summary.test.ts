import { describe, expect, test } from "vitest";
import type { RunResult } from "../../../src/contracts/results/result.ts";
import { summarizeLoads } from "../../../src/metrics/stats/load-summary.ts";
import { censoredRun, invalidRun, runParameters, validRun } from "../../results/sample-results.ts";

const at = (loadTps: number, changes: Partial<RunResult> = {}): RunResult => ({
  ...validRun,
  parameters: { ...runParameters, loadTps },
  ...changes,
});
const { verdict: invalid } = invalidRun;

describe("the summary of loads", () => {
  test("is one for each load, in the order of their first runs, over runs that are not invalid", () => {
    const runs = [at(200), at(100), at(200, { throughputTps: 97.2 }), at(100, { verdict: invalid })];
    const summary = summarizeLoads(runs.map((run, index) => ({ ...run, benchmarkNumber: index + 1 })));
    expect(summary).toMatchObject([
      { loadTps: 200, runs: 2, countedRuns: 2, invalidRuns: [] },
      { loadTps: 100, runs: 2, countedRuns: 1, invalidRuns: [4] },
    ]);
    const { throughput } = summary[0]?.metrics ?? {};
    expect(throughput?.mean).toBeCloseTo(96.2, 9);
    // Two values one either side of their mean: half the interval is t(1 degree) · √2 / √2.
    expect((throughput?.high ?? 0) - (throughput?.mean ?? 0)).toBeCloseTo(12.7062, 3);
    expect((throughput?.mean ?? 0) - (throughput?.low ?? 0)).toBeCloseTo(12.7062, 3);
  });

  test("has no interval of one run, and no mean of none", () => {
    const [one, none] = summarizeLoads([at(100), at(200, { verdict: invalid })]);
    expect(one?.metrics.avgLatency).toEqual({ mean: validRun.latency.commit?.meanMs, atLeast: false });
    expect(none).toMatchObject({ countedRuns: 0, metrics: {} });
  });

  test("has a lower bound without an interval where a run has no more", () => {
    const [summary] = summarizeLoads([at(100), at(100, { latency: censoredRun.latency })]);
    const seen = [validRun, censoredRun].map((run) => run.latency.commit?.p99?.ms ?? 0);
    const mean = (seen[0] ?? 0) / 2 + (seen[1] ?? 0) / 2;
    expect(summary?.metrics.p99Latency).toEqual({ mean, atLeast: true });
    expect(summary?.metrics.throughput?.low).toBeDefined();
  });

  test("says of how many transactions no end was seen, of those runs that count", () => {
    const lossy = { latency: censoredRun.latency };
    const runs = [at(100), at(100, lossy), at(100, lossy), at(100, { ...lossy, verdict: invalid }), at(200)];
    expect(summarizeLoads(runs).map(({ unseen }) => unseen)).toEqual([2 * 8_280, 0]);
  });

  test("leaves a metric out that one of the counted runs does not have", () => {
    const unseen = at(100, { latency: { ...validRun.latency, commit: undefined } });
    const [summary] = summarizeLoads([at(100), unseen]);
    expect(summary?.metrics.avgLatency).toBeUndefined();
    expect(summary?.metrics.throughput).toBeDefined();
  });
});
