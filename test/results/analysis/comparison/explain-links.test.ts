import { expect, test } from "vitest";
import { compareSweeps } from "../../../../src/results/analysis/comparison/compare.ts";
import { explainLinks } from "../../../../src/results/analysis/comparison/explain-links.ts";
import { formatComparison } from "../../../../src/results/report/blocks/comparison.ts";
import { runOf, sideOf } from "../../sample-comparisons.ts";
import { invalidRun } from "../../sample-results.ts";

const sweep = (name: string, means: readonly number[]) =>
  sideOf(
    name,
    means.map((meanMs) => runOf({ meanMs })),
  );

test("links explain their part of the way from local to remote", () => {
  const [explained] = explainLinks(sweep("l", [10]), sweep("k", [40]), sweep("r", [50]));
  expect(explained).toMatchObject({ localMs: 10, linkedMs: 40, remoteMs: 50, shareRatio: 0.75 });
  expect(explained).not.toHaveProperty("confidence");
});

test("from four runs of each there is an interval, and it holds the share", () => {
  const means = (mean: number) => [mean - 1, mean, mean, mean + 1];
  const found = explainLinks(sweep("l", means(10)), sweep("k", means(40)), sweep("r", means(50)));
  const { lowRatio = 0, highRatio = 0 } = found[0]?.confidence ?? expect.fail("no interval");
  // The means have standard errors of 0.35 each: 0.75 ± 2 · 0.011.
  expect(lowRatio).toBeGreaterThan(0.71);
  expect(lowRatio).toBeLessThan(0.75);
  expect(highRatio).toBeGreaterThan(0.75);
  expect(highRatio).toBeLessThan(0.79);
});

test("loads without runs that count, or without a difference, are left out", () => {
  expect(explainLinks(sweep("l", [10]), sideOf("k", [invalidRun]), sweep("r", [50]))).toEqual([]);
  expect(explainLinks(sweep("l", [10]), sweep("k", [10]), sweep("r", [10]))).toEqual([]);
});

test("a comparison says it in words", () => {
  const [local, linked, remote] = [sweep("l", [10]), sweep("k", [40]), sweep("r", [50])];
  const comparison = { ...compareSweeps(local, remote), explained: explainLinks(local, linked, remote) };
  expect(formatComparison(comparison).split("\n").at(-1)).toMatch(
    /: links explain 75\.0% of the difference in average latency \(from too few runs for an interval: 4 of each are needed\): local 10\.0 ms, local with these links 40\.0 ms, remote 50\.0 ms$/,
  );
});
