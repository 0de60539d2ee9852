import { expect, test } from "vitest";
import type { FlowFigures } from "../../../../src/contracts/results/native/flows.ts";
import type { LineChart } from "../../../../src/results/charts/chart.ts";
import { flowCharts } from "../../../../src/results/charts/data/flow-charts.ts";
import { flowsRun } from "../../sample-flows.ts";

const figures = flowsRun.figures.flows as FlowFigures;
const charts = flowCharts(flowsRun, figures) as readonly LineChart[];
const named = (name: string) => charts.find((chart) => chart.name === name) as LineChart;

test("flows are drawn by what they suffered, with interruptions and new paths as bands", () => {
  expect(charts.map(({ name }) => name)).toEqual([
    ...["flow-latency", "flow-goodput", "flow-loss", "link-a-b", "link-a-c"],
  ]);
  expect(named("flow-latency").bands).toEqual([
    { name: "alice interrupted", kind: "fault", from: 4.46, to: 5.01 },
    { name: "a-c-b", kind: "phase", from: 5, to: 10 },
  ]);
  const [lost, direct] = named("flow-loss").series;
  expect(lost?.points[4]).toEqual({ x: 4, y: 50 });
  expect(direct?.points.map(({ y }) => y)).toEqual([0, 0, 0, 0, 50.8, 100, 100, 100, 100, 100]);
});

test("a link's perceived cost stands beside its emulated loss, and is missing while it is unusable", () => {
  const [cost, loss] = named("link-a-b").series;
  expect(cost?.points.map(({ y }) => y)).toEqual([...Array(4).fill(12), 100, ...Array(5).fill(undefined)]);
  expect(loss?.points[9]).toEqual({ x: 9, y: 100 });
  expect(named("link-a-b").notes.join()).toMatch(/largest, 800.*Detected 400 ms after the crossing/);
});

test("names that anybody may have given are shown as text", () => {
  const [flow] = figures.flows;
  if (flow === undefined) throw new Error("none");
  const flows = [{ ...flow, name: "\u001b[31mred" }];
  const text = JSON.stringify(flowCharts(flowsRun, { ...figures, flows }));
  expect(text).not.toContain("\\u001b");
});
