import { expect, test } from "vitest";
import { measuredBy } from "../../src/report/observer.ts";
import { formatSummaryTable } from "../../src/report/summary-table.ts";
import { observerRuns } from "../bundle/sample-observers.ts";
import { noCommitRun, validRun } from "../bundle/sample-results.ts";

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
