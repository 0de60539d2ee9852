/** A search that doubled twice, met an invalid run, and bisected once. */

import type { RunResult } from "../../src/contracts/results/result.ts";
import type { SearchSettings } from "../../src/contracts/results/search.ts";
import { defaultSearch } from "../../src/options/defaults.ts";
import { reportSearch } from "../../src/results/analysis/schedule/schedule.ts";
import { censoredRun, invalidRun, runParameters, validRun } from "./sample-results.ts";

export const searchSettings: SearchSettings = {
  ...defaultSearch,
  toTps: 5000,
  precisionRatio: 0.5,
  latencyMs: 500,
};

const at = (loadTps: number, changes: Partial<RunResult>): RunResult => ({
  ...validRun,
  parameters: { ...runParameters, loadTps },
  throughputTps: loadTps,
  efficiencyRatio: 1,
  ...changes,
});

const overloaded: Partial<RunResult> = {
  throughputTps: 310.25,
  efficiencyRatio: 0.775_625,
  backlogGrowthRatio: 0.2231,
  latency: censoredRun.latency,
  successRatio: 0.81,
};

export const searchRuns: readonly RunResult[] = [
  at(100, { throughputTps: 99.9, efficiencyRatio: 0.999 }),
  at(200, { verdict: invalidRun.verdict }),
  at(200, { repetition: 2 }),
  at(400, overloaded),
  at(283, { backlogGrowthRatio: -0.001 }),
].map((run, index) => ({ ...run, benchmarkNumber: index + 1 }));

export const searchReport = reportSearch(searchRuns, searchSettings);
