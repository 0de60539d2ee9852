import { expect, test } from "vitest";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { edgeCaption, edgeSection } from "../../../../src/results/report/text/load.ts";
import { validRun } from "../../sample-results.ts";

/** 125 transactions were due in the window, and so many commits seen in it. */
function runOf(observedInWindow: number, change: Partial<RunResult> = {}): RunResult {
  const ledger = { ...validRun.ledger, scheduled: 125 };
  return { ...validRun, observedInWindow, efficiencyRatio: observedInWindow / 125, ledger, ...change };
}

test.each<[number, Partial<RunResult>, string[]]>([
  [151, {}, ["  Window's edges: 26 more commits came in from the warm-up than fell behind the window."]],
  [
    99,
    {},
    ["  Window's edges: 26 more commits fell behind the window than came in from the warm-up; none failed."],
  ],
  [
    130,
    { latencyKind: "response" },
    ["  Window's edges: 5 more replies came in from the warm-up than fell behind the window."],
  ],
  [
    151,
    { failed: 1 },
    ["  Window's edges: 26 more commits came in from the warm-up than fell behind the window."],
  ],
  [125, {}, []],
  // What did not commit at all is missing for another reason, and so is what waited longer and longer.
  [99, { failed: 26 }, []],
  [99, { backlogGrowthRatio: 0.21, backlogGrowthErrorRatio: 0.01 }, []],
  // Two in a thousand are within what nobody asks about.
  [125, { efficiencyRatio: 1.002 }, []],
  [99, { efficiencyRatio: undefined }, []],
])("%d of 125 commits in the window, %j: %j", (observed, change, lines) => {
  expect(edgeSection(runOf(observed, change))).toEqual(lines);
});

test("growth that a short window cannot tell from noise explains nothing", () => {
  const run = runOf(99, { backlogGrowthRatio: 0.21, backlogGrowthErrorRatio: 0.3 });
  expect(edgeSection(run)).toHaveLength(1);
});

test("a table says by how many commits, of the first such runs", () => {
  expect(edgeCaption([runOf(125)])).toEqual([]);
  const runs = [151, 125, 99, 150, 100, 101].map((observed, index) =>
    runOf(observed, { benchmarkNumber: index + 1 }),
  );
  expect(edgeCaption(runs)).toEqual([
    "Net commits across the window's edges: run 1 +26, run 3 -26, run 4 +25, run 5 -25, and 1 more",
  ]);
});
