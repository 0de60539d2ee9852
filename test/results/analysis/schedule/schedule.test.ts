import { describe, expect, test } from "vitest";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { defaultSearch } from "../../../../src/options/defaults.ts";
import {
  firstStranger,
  openSchedule,
  reportSearch,
} from "../../../../src/results/analysis/schedule/schedule.ts";
import { invalidRun, runParameters, validRun } from "../../sample-results.ts";

/** A run of a network that can do so many, with the mean latency of a queue that is never empty beyond it. */
function runAt(loadTps: number, { capacityTps = 300, meanMs = 50, ...changes }: RunChanges = {}): RunResult {
  const throughputTps = Math.min(loadTps, capacityTps);
  const efficiencyRatio = throughputTps / loadTps;
  const { commit } = validRun.latency;
  return {
    ...validRun,
    parameters: { ...runParameters, loadTps },
    throughputTps,
    efficiencyRatio,
    backlogGrowthRatio: 1 - efficiencyRatio,
    successRatio: 1,
    latency: { ...validRun.latency, commit: commit && { ...commit, meanMs } },
    ...changes,
  };
}

type RunChanges = Partial<RunResult> & { readonly capacityTps?: number; readonly meanMs?: number };

const numbered = (runs: readonly RunResult[]) =>
  runs.map((run, index) => ({ ...run, benchmarkNumber: index + 1 }));
const search = { ...defaultSearch, precisionRatio: 0.5 };
const searching = { loadsTps: [], runs: 1, search };

describe("a sweep over given loads", () => {
  const parameters = { loadsTps: [100, 200], runs: 2 };

  test("goes on after the runs that have finished, to the last of its rounds", () => {
    const { next, plannedRuns } = openSchedule(parameters);
    expect(plannedRuns).toBe(4);
    const finished = [runAt(100), runAt(200)];
    expect(next(finished)).toEqual({ benchmarkNumber: 3, loadTps: 100, repetition: 2, repetitions: 2 });
    expect(next([...finished, ...finished])).toBeUndefined();
  });

  test("names the first run that is not its own", () => {
    expect(firstStranger([runAt(100), runAt(200), runAt(100)], parameters)).toBeUndefined();
    expect(firstStranger([runAt(100), runAt(100)], parameters)).toBe(2);
    expect(
      firstStranger(
        [100, 200, 100, 200, 100].map((load) => runAt(load)),
        parameters,
      ),
    ).toBe(5);
  });
});

describe("a search", () => {
  test("follows from the finished runs alone, and repeats an invalid one", () => {
    const { next, plannedRuns } = openSchedule(searching);
    expect(plannedRuns).toBeUndefined();
    const finished: RunResult[] = [];
    const made: unknown[] = [];
    for (let planned = next(finished); planned !== undefined; planned = next(finished)) {
      made.push([planned.loadTps, planned.repetition]);
      const { verdict } = finished.length === 1 ? invalidRun : validRun;
      finished.push(runAt(planned.loadTps, { verdict, benchmarkNumber: planned.benchmarkNumber }));
    }
    expect(made).toEqual([
      [100, 1],
      [200, 1],
      [200, 2],
      [400, 1],
      [283, 1],
    ]);
    expect(reportSearch(finished, search)).toMatchObject({
      outcome: "found",
      sustainedTps: 283,
      beyondTps: 400,
    });
    expect(firstStranger(finished, searching)).toBeUndefined();
    expect(firstStranger(finished.toSpliced(2, 1), searching)).toBe(3);
  });

  test("decides by the numbers that are published, so that going on with a bundle decides the same", () => {
    const justBelow = runAt(100, { efficiencyRatio: 0.979_999_9, backlogGrowthRatio: 0 });
    expect(reportSearch([justBelow], search).probes[0]?.status).toBe("sustained");
  });

  test("says what it found so far, where it was ended early", () => {
    expect(reportSearch([runAt(100)], search)).toMatchObject({ outcome: "unfinished", sustainedTps: 100 });
    expect(reportSearch([], search)).toMatchObject({ outcome: "unfinished", probes: [] });
  });
});

describe("the knee", () => {
  const kneeOf = (...runs: RunResult[]) => reportSearch(numbered(runs), search).kneeTps;

  test("is where throughput / mean latency is largest", () => {
    expect(kneeOf(runAt(100, { meanMs: 20 }), runAt(200, { meanMs: 25 }), runAt(400, { meanMs: 900 }))).toBe(
      200,
    );
  });

  test("is at no run that is invalid, lost much of its load, or saw no latency", () => {
    const { verdict } = invalidRun;
    const none = { ...validRun.latency, commit: undefined };
    const others = [
      runAt(200, { meanMs: 1, verdict }),
      runAt(200, { meanMs: 1, successRatio: 0.9 }),
      runAt(200, { latency: none }),
    ];
    expect(kneeOf(runAt(100, { meanMs: 20 }), ...others)).toBe(100);
    expect(kneeOf(...others)).toBeUndefined();
  });
});
