import { expect, test } from "vitest";
import type { FlowFigures, FlowResult } from "../../../../src/contracts/results/native/flows.ts";
import type { NativeResult } from "../../../../src/contracts/results/native/native.ts";
import { compareSweeps } from "../../../../src/results/analysis/comparison/compare.ts";
import { comparisonCharts } from "../../../../src/results/charts/data/comparison-charts.ts";
import { formatComparison } from "../../../../src/results/report/blocks/comparison.ts";
import { flowsRun } from "../../sample-flows.ts";

const figures = flowsRun.figures.flows as FlowFigures;
const [flow] = figures.flows as [FlowResult];

/** A run that kept so much at 5 to 10 % of loss. */
function runOf(network: string, keptRatio: number, changes: Partial<FlowResult> = {}): NativeResult {
  const band = { secs: 5, goodputMbps: 0.01 };
  const kept = [
    { ...band, fromLossRatio: 0, toLossRatio: 0.01, keptRatio: 1 },
    { ...band, fromLossRatio: 0.05, toLossRatio: 0.1, keptRatio },
  ];
  const flows = { ...figures, network, kept, flows: [{ ...flow, ...changes }] };
  return { ...flowsRun, figures: { ...flowsRun.figures, flows } };
}

const sideOf = (network: string, all: readonly NativeResult[]) => ({
  ...{ path: `/${network}`, networkType: "local" as const },
  runs: all,
});
const sides = (a: readonly NativeResult[], b: readonly NativeResult[]) => ({
  a: sideOf("a", a),
  b: sideOf("b", b),
});
const compared = (a: readonly NativeResult[], b: readonly NativeResult[]) => {
  const { a: one, b: other } = sides(a, b);
  return compareSweeps(one, other);
};

const fixed = [0.57, 0.58, 0.6, 0.6, 0.6, 0.61, 0.62, 0.62].map((kept) => runOf("static", kept));
const babel = [0.93, 0.94, 0.95, 0.95, 0.95, 0.96, 0.96, 0.96].map((kept) =>
  runOf("babel", kept, { goodputMbps: 0.03 }),
);

test("two networks are compared by what they keep, as a sentence with intervals over the runs", () => {
  const [found] = compared(fixed, babel).flows;
  expect(found).toMatchObject({ loadTps: 20, a: { network: "static", runs: 8 }, b: { network: "babel" } });
  expect(found?.kept[1]).toMatchObject({
    fromLossRatio: 0.05,
    a: { keptRatio: 0.6, runs: 8 },
    b: { runs: 8 },
  });
  expect(found?.kept[1]?.sentence).toBe(
    "loss 5–10 %: babel keeps 95 % [94, 96] of its undisturbed goodput, static 60 % [59, 61]; 8 runs each",
  );
  const [goodput] = found?.flows[0]?.figures ?? [];
  expect(goodput).toMatchObject({ figure: "goodput_mbps", a: 0.015, b: 0.03, ratio: 2 });
  expect(goodput?.confidence?.low).toBeCloseTo(2, 6);
  expect(goodput?.confidence?.high).toBeCloseTo(2, 6);
});

test("few runs have no interval, runs that do not count none, and one network against itself goes by its side", () => {
  const invalid = { ...runOf("static", 0), verdict: { status: "invalid", reasons: ["x"] } } as NativeResult;
  const [found] = compared(
    [...fixed.slice(0, 2), invalid],
    babel.slice(0, 3).map((run) => renamed(run)),
  ).flows;
  expect(found?.kept[1]?.sentence).toBe(
    "loss 5–10 %: B (static) keeps 94 % of its undisturbed goodput, A (static) 57 %; 3 and 2 runs",
  );
  expect(found?.flows[0]?.figures[0]?.confidence).toBeUndefined();
});

function renamed(run: NativeResult): NativeResult {
  const flows = { ...(run.figures.flows as FlowFigures), network: "static" };
  return { ...run, figures: { ...run.figures, flows } };
}

test("a comparison shows sentences, figures and a chart of both networks", () => {
  const text = formatComparison(compared(fixed, babel));
  expect(text).toContain("FLOWS: 20 packets/s (A: static, 8 runs; B: babel, 8 runs)");
  expect(text).toMatch(/alice Goodput, Mbit\/s +0\.01 +0\.03 +2\.000 +2\.000 to 2\.000/);
  expect(text).toContain("Throughput, packets/s");
  expect(text).toContain("loss 5–10 %: babel keeps 95 %");
  const chart = comparisonCharts(sides(fixed, babel)).find(({ name }) => name === "compare-kept");
  expect(chart?.x.names).toEqual(["0–1 %", "5–10 %"]);
  expect(chart?.series.map(({ name }) => name)).toEqual(["A static", "B babel"]);
});
