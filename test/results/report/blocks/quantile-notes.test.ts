import { describe, expect, test } from "vitest";
import type { NativeResult } from "../../../../src/contracts/results/native/native.ts";
import { compareSweeps } from "../../../../src/results/analysis/comparison/compare.ts";
import { loadCharts } from "../../../../src/results/charts/data/comparison-charts.ts";
import { bucketNote } from "../../../../src/results/charts/data/sweep-charts.ts";
import { formatComparison } from "../../../../src/results/report/blocks/comparison.ts";
import { messagesRun } from "../../sample-messages.ts";
import { nativeRun } from "../../sample-native.ts";
import { routinesRun } from "../../sample-routines.ts";

const side = (path: string, run: NativeResult) => ({ path, networkType: "local" as const, runs: [run] });

describe.each([
  { of: "counters of nodes", run: nativeRun, areBuckets: true },
  { of: "messages, each of which is known", run: messagesRun, areBuckets: false },
  { of: "routines", run: routinesRun, areBuckets: false },
])("quantiles of $of", ({ run, areBuckets }) => {
  const sides = { a: side("a.json", run), b: side("b.json", run) };

  test(`are ${areBuckets ? "" : "not "}said to lie in buckets, in words`, () => {
    const text = formatComparison(compareSweeps(sides.a, sides.b));
    expect(text.includes("lie in a bucket")).toBe(areBuckets);
    expect(text).toContain("p99 latency");
  });

  test(`are ${areBuckets ? "" : "not "}said to lie in buckets, under the charts`, () => {
    const notes = loadCharts(sides).map((chart) => chart.notes ?? []);
    expect(notes).toHaveLength(3);
    for (const of of notes) expect(of.includes(bucketNote)).toBe(areBuckets);
  });
});
