import { expect, test } from "vitest";
import { nativeFigures } from "../../../../src/results/analysis/verdict/native-figures.ts";
import { counters, recorded, steady } from "../../../run/counting-nodes.ts";

const tookMs = (_: string, atMs: number) => (atMs === 15_000 ? 30 : 2);
const window = { startMs: 10_000, lengthSecs: 5, everySecs: 1, nodes: 2, tookMs };

test("counts of the window alone are added, and so are buckets; quantiles are edges", () => {
  const families = recorded({ node0: steady(90, 0.125), node1: steady(10, 0.375) });
  const figures = nativeFigures(families, counters, window);
  expect(figures).toMatchObject({ committed: 500, submitted: 500, throughputTps: 100, submittedTps: 100 });
  expect(figures.notShown).toEqual([]);
  expect(figures.latency).toMatchObject({
    count: 500,
    p50: { aboveMs: 100, upToMs: 250 },
    p90: { aboveMs: 100, upToMs: 250 },
    // The mean of the nodes' own p99 would be some 375.
    p95: { aboveMs: 250, upToMs: 500 },
    p99: { aboveMs: 250, upToMs: 500 },
    buckets: [
      { upToMs: 100, count: 0 },
      { upToMs: 250, count: 450 },
      { upToMs: 500, count: 500 },
      { upToMs: undefined, count: 500 },
    ],
  });
  expect(figures.latency?.meanMs).toBeCloseTo(0.9 * 125 + 0.1 * 375, 9);
  // By definition: 450 times 25 below the mean, 50 times 225 above.
  expect(figures.latency?.stdDevMs).toBeCloseTo(Math.sqrt((450 * 25 ** 2 + 50 * 225 ** 2) / 499), 6);
  expect(figures.seconds).toEqual(
    [0, 1, 2, 3, 4].map((second) => ({ second, committed: 100, submitted: 100 })),
  );
});

test("a rate is over the time between the looks, wherever in it they came", () => {
  const late = steady(100, 0.125).map((look) => ({
    ...look,
    atMs: look.atMs + (look.atMs === 15_000 ? 200 : 0),
  }));
  const { throughputTps, nodes } = nativeFigures(recorded({ node0: late }), counters, {
    ...window,
    nodes: 1,
  });
  expect(throughputTps).toBeCloseTo(500 / 5.2, 9);
  expect(nodes).toMatchObject([{ fromSecs: 0, toSecs: 5.2, committed: 500 }]);
});

test("of nodes that count the whole committee's, the median one is told, and how far they lie apart", () => {
  const families = recorded({
    node0: steady(100, 0.125),
    node1: steady(98, 0.125),
    node2: steady(60, 0.125),
  });
  const committed = { counter: "done_total", of: "committee" } as const;
  const figures = nativeFigures(families, { ...counters, committed }, { ...window, nodes: 3 });
  expect(figures).toMatchObject({ committed: 490, throughputTps: 98, spreadRatio: 200 / 490 });
});

test("without a counter, as many were committed as the histogram holds", () => {
  const families = recorded({ node0: steady(100, 0.125, { done: 7 }) });
  const one = { ...window, nodes: 1 };
  const counted = { ...counters, committed: { of: "node" } } as const;
  expect(nativeFigures(families, counted, one)).toMatchObject({ committed: 500, throughputTps: 100 });
  expect(nativeFigures(families, counters, one)).toMatchObject({ committed: 0 });
});

test("what not every node shows is absent and named, never 0", () => {
  const silent = steady(50, 0.125).map(({ sent, ...look }) => look);
  const figures = nativeFigures(recorded({ node0: steady(50, 0.125), node1: silent }), counters, window);
  expect([figures.submitted, figures.submittedTps]).toEqual([undefined, undefined]);
  expect(figures.notShown).toEqual(["sent_total"]);
  expect(figures.seconds[0]).toEqual({ second: 0, committed: 100, submitted: undefined });

  const nothing = nativeFigures([], counters, window);
  expect(nothing).toMatchObject({ nodes: [], latencyRefused: "no node showed took_seconds" });
  expect([nothing.committed, nothing.throughputTps, nothing.latency]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("a node that began anew, and one that was gone for half of the window, are told", () => {
  const anew = steady(50, 0.125).map((look) =>
    look.atMs < 13_000 ? look : { ...look, done: look.done - 200 },
  );
  const half = steady(50, 0.125).filter(({ atMs }) => atMs < 13_000);
  const { nodes } = nativeFigures(recorded({ node0: anew, node1: half }), counters, window);
  expect(nodes).toMatchObject([
    { name: "node0", resets: 1, answerSecs: 0.03 },
    { name: "node1", resets: 0, toSecs: 2, answerSecs: 0.002 },
  ]);
});
