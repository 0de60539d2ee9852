import { expect, test } from "vitest";
import { planRuns } from "../../../../src/results/analysis/schedule/schedule.ts";

const shape = (loadsTps: readonly number[], runs: number) =>
  planRuns({ loadsTps, runs }).map(({ benchmarkNumber, loadTps, repetition }) => [
    benchmarkNumber,
    loadTps,
    repetition,
  ]);

test("each load runs once, in its order, unless more was asked for", () => {
  expect(shape([200, 100], 1)).toEqual([
    [1, 200, 1],
    [2, 100, 1],
  ]);
});

test("repeats come in rounds over all loads, and the numbers count on", () => {
  expect(shape([100, 200], 3)).toEqual([
    [1, 100, 1],
    [2, 200, 1],
    [3, 100, 2],
    [4, 200, 2],
    [5, 100, 3],
    [6, 200, 3],
  ]);
});

test("a load that was given twice has its repetitions counted together", () => {
  const runs = planRuns({ loadsTps: [100, 200, 100], runs: 2 });
  expect(runs.map(({ loadTps, repetition, repetitions }) => [loadTps, repetition, repetitions])).toEqual([
    [100, 1, 4],
    [200, 1, 2],
    [100, 2, 4],
    [100, 3, 4],
    [200, 2, 2],
    [100, 4, 4],
  ]);
});
