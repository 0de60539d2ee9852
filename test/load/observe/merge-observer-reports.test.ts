import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { mergeObserverReports } from "../../../src/load/observe/merge-observer-reports.ts";
import { Agreement } from "../../../src/load/plan/agreement.ts";
import type { ObserverReport } from "../../../src/load/plan/client-plan.ts";
import { SignedRecord } from "../../../src/metrics/stats/signed-record.ts";
import { becomes, commitBlock, observe, planFor, serveChains } from "./observing-chains.ts";

const figures = {
  ...{ blocks: 10, transactions: 400, bytes: 5_000, cpuMs: 12.5, cpuMaxRatio: 0.3 },
  ...{ loopDelayP99Ms: 1.5, loopDelayMaxMs: 9, lagMaxMs: 4, polled: [{ node: "a", everyMs: 20 }] },
};

/** What an observer of these nodes would report that showed it these blocks: [node, height, fingerprint]. */
function reportOf(
  nodes: readonly string[],
  blocks: readonly (readonly [string, number, string])[],
  changes: Partial<ObserverReport> = {},
): ObserverReport {
  const agreement = new Agreement(nodes.length);
  for (const block of blocks) agreement.show(...block);
  const heights = blocks.map(([, height]) => height);
  return {
    watched: {
      nodes,
      heights: blocks.length === 0 ? undefined : { from: Math.min(...heights), to: Math.max(...heights) },
    },
    agreement: nodes.length < 2 ? undefined : agreement.findings(),
    blockAges: new SignedRecord(),
    observerFailures: [],
    heightsSeen: [],
    heightsSeenMs: [],
    observer: figures,
    ...changes,
  };
}

const agreed = (nodes: readonly string[], from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((height) =>
    nodes.map((node) => [node, height, `f${height}`] as const),
  );

describe("reports of observers that watched other nodes each", () => {
  test("leave every height to be asked for, over the whole range, and tell all forks", () => {
    const [left, right] = [
      ["a", "b"],
      ["c", "d"],
    ] as const;
    const merged = mergeObserverReports([
      reportOf(left, agreed(left, 5, 9)),
      reportOf(right, [...agreed(right, 7, 12), ["c", 13, "x"], ["d", 13, "y"]]),
    ]);
    expect(merged.watched).toEqual({ nodes: ["a", "b", "c", "d"], heights: { from: 5, to: 13 } });
    expect(merged.agreement).toMatchObject({
      comparedHeights: 0,
      uncomparedHeights: 9,
      uncompared: [5, 6, 7, 8, 9, 10, 11, 12, 13],
    });
    expect(merged.agreement?.forks.map(({ height }) => height)).toEqual([13]);
  });

  test("of one node each are compared just so, though neither compared anything; long ranges by a thousand heights", () => {
    const merged = mergeObserverReports([
      reportOf(["a"], agreed(["a"], 1, 2)),
      reportOf(["b"], [["b", 50_000, "x"]]),
    ]);
    expect(merged.agreement?.uncomparedHeights).toBe(50_000);
    const { uncompared = [] } = merged.agreement ?? {};
    expect([uncompared.length, uncompared[0], uncompared.at(-1)]).toEqual([1000, 1, 50_000]);
  });

  test("have nothing to compare where all watched the one node there is", () => {
    const one = reportOf(["a"], agreed(["a"], 1, 2));
    expect(mergeObserverReports([one, one]).agreement).toBeUndefined();
    expect(mergeObserverReports([one]).agreement).toBeUndefined();
  });
});

test("of observers of the same nodes the one that compared most stands for all, with the forks of any", () => {
  const nodes = ["a", "b"];
  const merged = mergeObserverReports([
    reportOf(nodes, agreed(nodes, 1, 3)),
    reportOf(nodes, [...agreed(nodes, 1, 9), ["a", 10, "x"], ["b", 10, "y"]]),
  ]);
  expect(merged.agreement).toMatchObject({ comparedHeights: 9, uncomparedHeights: 1 });
  expect(merged.agreement?.forks).toHaveLength(1);
});

test("counts and CPU time are added up, delays are the worst one's, and a sum that lacks a part is not told", () => {
  const other = { ...figures, cpuMs: 7.5, cpuMaxRatio: 0.9, loopDelayP99Ms: 0.5, lagMaxMs: undefined };
  const polled = [
    { node: "a", everyMs: 40 },
    { node: "b", everyMs: 20 },
  ];
  const merge = (...all: (ObserverReport["observer"] | undefined)[]) =>
    mergeObserverReports(all.map((observer) => reportOf(["a"], [], { observer }))).observer;
  expect(merge(figures, { ...other, polled })).toEqual({
    ...{ blocks: 20, transactions: 800, bytes: 10_000, cpuMs: 20, cpuMaxRatio: 0.9 },
    ...{ loopDelayP99Ms: 1.5, loopDelayMaxMs: 9, lagMaxMs: 4, polled },
  });
  expect(merge(figures, { ...other, cpuMs: undefined })?.cpuMs).toBeUndefined();
  expect(merge(undefined, undefined)).toBeUndefined();
});

test("two observers of two nodes each find what one of all four finds, but for comparing across", async () => {
  const { chains, targets } = await serveChains(4);
  const plans = [planFor(targets), planFor(targets.slice(0, 2)), planFor(targets.slice(2))];
  const observers = await Promise.all(plans.map((plan) => observe(plan)));
  for (const { observer } of observers) observer.begin(systemClock.monotonicMs());
  for (let sequence = 0; sequence < 20; sequence++) {
    for (const chain of chains) commitBlock(chain, [{ client: sequence % 2, sequence }]);
  }
  const finish = (index: number) => observers[index]?.observer.finish() ?? expect.fail("no observer");
  await becomes(() => finish(0).observer?.blocks === 80, "all blocks seen by the one");
  await becomes(
    () => finish(1).observer?.blocks === 40 && finish(2).observer?.blocks === 40,
    "and by the two",
  );
  const [whole, merged] = [finish(0), mergeObserverReports([finish(1), finish(2)])];
  expect(merged.watched).toEqual(whole.watched);
  for (const count of ["blocks", "transactions", "bytes"] as const) {
    expect(merged.observer?.[count]).toBe(whole.observer?.[count]);
  }
  expect(merged.heightsSeen).toEqual(whole.heightsSeen);
  expect([whole.agreement?.comparedHeights, merged.agreement?.uncomparedHeights]).toEqual([20, 20]);
});
