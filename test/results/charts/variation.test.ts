import { expect, test } from "vitest";
import { variationRows, variationSeries } from "../../../src/results/charts/variation.ts";
import {
  formatVariationMarkdown,
  formatVariationTable,
} from "../../../src/results/report/tables/variation-table.ts";
import { runOf } from "../sample-comparisons.ts";
import { invalidRun } from "../sample-results.ts";

const numbered = (...runs: readonly ReturnType<typeof runOf>[]) =>
  runs.map((run, index) => ({ ...run, benchmarkNumber: index + 1 }));
const at = (loadTps: number, throughputTps: number) => runOf({ loadTps, throughputTps });

const points = [
  { values: [4, "http"], summary: { runs: numbered(at(100, 95), at(200, 180), at(100, 97)) } },
  { values: [4, "websocket"], summary: { runs: numbered(at(100, 99), at(200, 190)) } },
  { values: [7, "http"], summary: { runs: [{ ...invalidRun, benchmarkNumber: 1 }] } },
  { values: [7, "websocket"] },
];

test("a row for each load of each point: means over runs, without what is not known", () => {
  const rows = variationRows(points);
  const shown = rows.map(({ values, loadTps, runs, metrics, verdicts }) => [
    ...values,
    loadTps,
    runs,
    metrics.throughput?.mean,
    verdicts,
  ]);
  expect(shown).toEqual([
    [4, "http", 100, 2, 96, ["valid"]],
    [4, "http", 200, 1, 180, ["valid"]],
    [4, "websocket", 100, 1, 99, ["valid"]],
    [4, "websocket", 200, 1, 190, ["valid"]],
    [7, "http", invalidRun.parameters.loadTps, 1, undefined, ["invalid"]],
    [7, "websocket", undefined, 0, undefined, []],
  ]);
});

test("a heat map of two options for each load, and a line of one", () => {
  const [first, second, ...others] = variationSeries(variationRows(points), "throughput");
  expect(others).toEqual([]);
  expect(first?.loadTps).toBe(100);
  expect(first?.marks.map(({ x, y, mean }) => [x, y, mean.mean])).toEqual([
    [4, "http", 96],
    [4, "websocket", 99],
  ]);
  expect(second?.marks).toHaveLength(2);
  const line = variationRows(points.map((point) => ({ ...point, values: point.values.slice(0, 1) })));
  expect(variationSeries(line, "p50Latency")[0]?.marks[0]).toMatchObject({ x: 4, y: undefined });
});

test("of a search there is the load that it found, and all points are one series", () => {
  const probes = [4, 7].map((nodes) => ({
    values: [nodes],
    summary: {
      runs: numbered(at(100, 99), at(200 * nodes, 190 * nodes)),
      search: { status: "found", sustainedTps: 200 * nodes, probes: [] } as never,
    },
  }));
  const rows = variationRows(probes);
  expect(rows.map(({ loadTps }) => loadTps)).toEqual([800, 1400]);
  expect(variationSeries(rows, "throughput")).toHaveLength(2);
  const [whole, ...others] = variationSeries(rows, "throughput", { searched: true });
  expect(others).toEqual([]);
  expect(whole?.marks.map(({ x, mean }) => [x, mean.mean])).toEqual([
    [4, 760],
    [7, 1330],
  ]);
  expect(whole?.loadTps).toBeUndefined();
});

test("the tables show it, and foreign text as text", async () => {
  const hostile = { values: ["\u001b[31m|<b>", "x".repeat(200)], summary: { runs: numbered(at(100, 95)) } };
  const rows = variationRows([...points, hostile]);
  const options = ["committee", "protocol.timeoutCommitMs"];
  const text = formatVariationTable(options, rows);
  await expect(`${text}\n`).toMatchFileSnapshot("variation-table.golden.txt");
  expect(text).not.toContain("\u001b");
  const markdown = formatVariationMarkdown(options, rows);
  await expect(`${markdown}\n`).toMatchFileSnapshot("variation-table.golden.md");
  expect(markdown).not.toContain("<b>");
});
