import { expect, test } from "vitest";
import { variationCharts } from "../../../../src/results/charts/data/variation-charts.ts";
import { openDrawing } from "../../../../src/results/charts/draw/draw.ts";
import { compareResources } from "../../../../src/results/charts/resources.ts";
import { variationRows } from "../../../../src/results/charts/variation.ts";
import { runOf } from "../../sample-comparisons.ts";

const sizes = { name: "committee", values: [7, 4] };
const transports = { name: "transport", values: ["http", "websocket"] };
const measured = (values: readonly (number | string)[], throughputTps: number, loads = [100]) => ({
  values,
  summary: {
    runs: loads.map((loadTps, at) => ({ ...runOf({ loadTps, throughputTps }), benchmarkNumber: at + 1 })),
  },
});
const chartsOf = (
  options: readonly (typeof sizes | typeof transports)[],
  points: Parameters<typeof variationRows>[0],
) =>
  variationCharts({
    options,
    rows: variationRows(points),
    resources: compareResources(options, points),
    searched: false,
  });

test("numbers of one option are an axis, in their order, with a line for each load", () => {
  const charts = chartsOf([sizes], [measured([7], 90, [100, 200]), measured([4], 95, [100, 200])]);
  expect(charts.map(({ name }) => name)).toEqual(["throughput", "p50-latency", "p99-latency"]);
  expect(charts[0]).toMatchObject({
    kind: "lines",
    title: "Throughput by committee",
    x: { label: "committee", ticks: [4, 7] },
    series: [
      {
        name: "100 tx/s",
        points: [
          { x: 4, y: 95 },
          { x: 7, y: 90 },
        ],
      },
      { name: "200 tx/s", points: [{ x: 4 }, { x: 7 }] },
    ],
  });
});

test("words of one option have places, and their names at the axis", async () => {
  const [chart] = chartsOf([transports], [measured(["http"], 90), measured(["websocket"], 95)]);
  expect(chart).toMatchObject({
    x: { names: ["http", "websocket"] },
    series: [{ points: [{ x: 0 }, { x: 1 }] }],
  });
  const svg = (await openDrawing()).drawFile(chart as NonNullable<typeof chart>);
  expect(svg).toContain(">http<");
  expect(svg).toContain(">websocket<");
});

test("two options are a heat map of each load; what was not measured is an empty field", async () => {
  const points = [measured([7, "http"], 90), measured([4, "http"], 95), { values: [4, "websocket"] }];
  const charts = chartsOf([sizes, transports], points);
  expect(charts[0]).toMatchObject({
    kind: "heat",
    x: { label: "committee", names: ["7", "4"] },
    y: { label: "transport", names: ["http", "websocket"] },
    cells: [
      { x: 0, y: 0, value: 90, text: "90.0" },
      { x: 1, y: 0, value: 95, text: "95.0" },
    ],
  });
  const svg = (await openDrawing()).drawFile(charts[0] as NonNullable<(typeof charts)[0]>);
  expect(svg.match(/fill-opacity="/g)).toHaveLength(2);
  expect(svg).toContain(">95.0<");
  const ofLoads = chartsOf([sizes, transports], [measured([7, "http"], 90, [100, 200])]);
  expect(ofLoads.map(({ name }) => name)).toContain("throughput-200");
});

test("nothing measured: no chart", () => {
  expect(chartsOf([sizes], [{ values: [4] }, { values: [7] }])).toEqual([]);
});
