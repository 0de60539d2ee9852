import { expect, test } from "vitest";
import type { LineChart } from "../../../../src/results/charts/chart.ts";
import { comparedPacketCharts } from "../../../../src/results/charts/data/comparison-charts.ts";
import { routineCharts } from "../../../../src/results/charts/data/routine-charts.ts";
import { runCharts } from "../../../../src/results/charts/data/run-charts.ts";
import { openDrawing } from "../../../../src/results/charts/draw/draw.ts";
import { sideOf } from "../../sample-comparisons.ts";
import { doubledRun, figuresIn, routinesRun, routinesRunOf } from "../../sample-routines.ts";

const chartsOf = (run = routinesRun) =>
  new Map(routineCharts(run, figuresIn(run)).map((chart) => [chart.name, chart as LineChart]));

test("charts of a run of routines stand before those of its machines", () => {
  const view = { run: routinesRun, isDetailed: true, seconds: [], hosts: [], curve: [], nodes: [] };
  expect(runCharts(view).map(({ name }) => name)).toEqual([
    "packets",
    "packet-bytes",
    "packet-families",
    "delivery-time",
    "round-trip",
    "connections",
    "ticks",
    "timer-lateness",
    "peer-ticks",
  ]);
});

test("points stand in the middle of their steps, and what is nothing but 0 has no line", () => {
  const packets = chartsOf().get("packets");
  expect(packets?.series.map(({ name }) => name)).toEqual(["sent", "received", "relayed", "duplicate"]);
  expect(packets?.series[0]?.points.map(({ x }) => x)).toEqual([1, 3, 5, 7, 9]);
  // 406 messages, each to three peers, in 10 s.
  expect(packets?.series[0]?.points[0]?.y).toBeCloseTo(121.8);
});

test("kinds of packets have their means over the peers, with intervals", () => {
  const families = chartsOf().get("packet-families");
  expect(families?.x.names).toHaveLength(7);
  const [sent, , relayed] = families?.series[0]?.points ?? [];
  expect(sent).toMatchObject({ x: 0, y: 30.45 });
  expect(sent?.low).toBeLessThan(30.45);
  expect(relayed?.low).toBe(0);
  expect(families?.notes).toEqual(["Bars: 95 % confidence intervals of the mean over the peers."]);
});

test("ticks are shown beside those of a machine that is not busy; of many peers without their names", () => {
  expect(
    chartsOf()
      .get("ticks")
      ?.series.map(({ name }) => name),
  ).toEqual(["mean", "slowest", "not busy"]);
  const byPeer = chartsOf().get("peer-ticks");
  expect(byPeer?.x.names).toEqual(["node3", "node2", "node1", "node0"]);
  const many = chartsOf(routinesRunOf({ peers: 20 })).get("peer-ticks");
  expect(many?.x).toEqual({ label: "peer, the slowest first", fromLeast: true });
  expect(many?.series[0]?.points.at(-1)).toEqual({ x: 20, y: 59.5 });
  expect(chartsOf(routinesRunOf({ peers: 1 })).has("peer-ticks")).toBe(false);
});

test("without data points there is no chart", () => {
  const [family, ...others] = figuresIn(routinesRun).families.map((one) => ({ ...one, packets: 0 }));
  const routines = {
    ...figuresIn(routinesRun),
    peers: [],
    steps: [],
    families: family === undefined ? others : [family, ...others],
  };
  expect(routineCharts(routinesRun, routines)).toEqual([]);
});

test("both sides of a comparison stand beside each other; names without room are turned", async () => {
  const [chart, ...others] = comparedPacketCharts({
    a: sideOf("a", [routinesRun]),
    b: sideOf("b", [doubledRun]),
  });
  expect(others).toEqual([]);
  expect(chart).toMatchObject({
    name: "compare-packets",
    series: [
      { name: "A", points: { 0: { x: -0.13, y: 30.45 } } },
      { name: "B", points: { 0: { x: 0.13, y: 60.9 } } },
    ],
  });
  const drawing = await openDrawing();
  const [wide, narrow] = [600, 360].map((width) => drawing.draw(chart as LineChart, width));
  expect(wide).not.toContain("rotate(");
  expect(narrow).toContain("rotate(");
  for (const name of ["sent", "duplicate", "A", "B"]) expect(wide).toContain(`>${name}<`);
});
