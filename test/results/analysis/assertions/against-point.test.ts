import { expect, test } from "vitest";
import type { NativeResult } from "../../../../src/contracts/results/native/native.ts";
import { parseAssertion } from "../../../../src/options/rules/assertion.ts";
import { holdAgainstPoint } from "../../../../src/results/analysis/assertions/against-point.ts";
import { flowsRun } from "../../sample-flows.ts";
import { nativeRun } from "../../sample-native.ts";

const assertion = (text: string) => {
  const parsed = parseAssertion(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed.assertion;
};

/** A run of each, whose flow has this goodput. */
const runsOf = (mbps: readonly number[], change: Partial<NativeResult> = {}) =>
  mbps.map((goodputMbps, place): NativeResult => {
    const { flows } = flowsRun.figures;
    if (flows === undefined) throw new Error("the sample has no flows");
    const own = flows.flows.map((flow) => ({ ...flow, goodputMbps }));
    const figures = { ...flowsRun.figures, flows: { ...flows, flows: own } };
    return { ...flowsRun, benchmarkNumber: place + 1, figures, ...change };
  });

const hold = (
  text: string,
  values: readonly number[],
  {
    baseline = [10, 10.1, 9.9, 10, 10],
    change,
  }: { baseline?: readonly number[]; change?: Partial<NativeResult> } = {},
) =>
  holdAgainstPoint([assertion(text)], {
    bundle: "b",
    runs: runsOf(values, change),
    baseline: runsOf(baseline),
  })[0];

const { loadTps } = flowsRun.parameters;

test("a point whose whole interval is within the limit holds", () => {
  const held = hold("goodput>-10%", [9.5, 9.6, 9.4, 9.5, 9.5]);
  expect(held).toMatchObject({
    bundle: "b",
    loadTps,
    assertion: "goodput>-10%",
    passed: true,
    value: 9.5,
    baseline: 10,
  });
  expect(held?.ratio).toBeCloseTo(0.95, 6);
  expect(held?.confidence?.low).toBeGreaterThan(0.93);
  expect(held?.confidence?.high).toBeLessThan(0.97);
  expect(held?.reason).toBeUndefined();
});

test("one that is slower fails, and so does one of which it cannot be shown", () => {
  const slower = hold("goodput>-10%", [8.2, 8.3, 8.1, 8.2, 8.2]);
  expect(slower).toMatchObject({ passed: false });
  expect(slower?.reason).toBeUndefined();
  expect(hold("goodput>-10%", [7, 11, 9.5, 10.5, 8])).toMatchObject({
    passed: false,
    reason: "cannot be shown: the interval reaches beyond the limit",
  });
  expect(hold("throughput<+10%", [1, 1, 1, 1])?.passed).toBe(true);
});

test.each<[string, ReturnType<typeof hold>, string]>([
  ["too few runs", hold("goodput>-10%", [10, 10, 10]), "3 runs have no interval, 4 are needed"],
  [
    "too few of the baseline",
    hold("goodput>-10%", [10, 10, 10, 10], { baseline: [10] }),
    "baseline: 1 runs have no interval, 4 are needed",
  ],
  [
    "a baseline of 0",
    hold("goodput>-10%", [10, 10, 10, 10], { baseline: [0, 1, 1, 1] }),
    "baseline: a run has a value of 0, by which nothing is divided",
  ],
  [
    "a run that is invalid",
    hold("goodput>-10%", [10, 10, 10, 10], { change: { verdict: { status: "invalid", reasons: ["x"] } } }),
    "runs 1, 2, 3, 4 are invalid",
  ],
  [
    "another way of measuring",
    hold("goodput>-10%", [10, 10, 10, 10], {
      change: { parameters: { ...flowsRun.parameters, durationSecs: 77 } },
    }),
    `its duration is 77, but that of the baseline is ${flowsRun.parameters.durationSecs}`,
  ],
])("%s holds nothing", (_, held, reason) => {
  expect(held).toMatchObject({ passed: false, reason });
});

test("only what is relative, and about the load, is held", () => {
  const all = ["goodput>5Mbit/s", `goodput@${loadTps + 1}>-10%`, `goodput@${loadTps}>-10%`].map(assertion);
  const runs = runsOf([10, 10, 10, 10]);
  const held = holdAgainstPoint(all, { bundle: "b", runs, baseline: runs });
  expect(held.map((one) => one.assertion)).toEqual([`goodput@${loadTps}>-10%`]);
});

test("nodes without flows have no goodput", () => {
  const runs = Array.from({ length: 4 }, () => nativeRun);
  const [held] = holdAgainstPoint([assertion("goodput>-10%")], { bundle: "b", runs, baseline: runs });
  expect(held).toMatchObject({ passed: false, reason: "baseline: run 1: goodput was not seen" });
});
