import { expect, test } from "vitest";
import { measuredBy } from "../../../../src/results/report/blocks/generator.ts";
import { formatSummaryTable } from "../../../../src/results/report/tables/summary-table.ts";
import { observerRuns } from "../../sample-observers.ts";
import { noCommitRun, validRun } from "../../sample-results.ts";

test("what latencies were measured by names polling where any run had it", () => {
  expect(measuredBy([validRun, observerRuns["slow-observer"]])).toBe("commit");
  expect(measuredBy([validRun, observerRuns.polled])).toBe("commit (some nodes polled every 20 ms)");
  expect(measuredBy([validRun, noCommitRun])).toBe("commit and response");
});

test("the table of all runs says so", () => {
  expect(formatSummaryTable([validRun, observerRuns.polled])).toContain(
    "Latency: commit (some nodes polled every 20 ms) (due to commit seen)",
  );
});
