import { describe, expect, test } from "vitest";
import type { BarChart, LineChart } from "../../../../src/results/charts/chart.ts";
import { chartWidths, openDrawing } from "../../../../src/results/charts/draw/draw.ts";

const bad = `<script>alert("1")</script>`;

const lines: LineChart = {
  kind: "lines",
  name: "one",
  title: "Latency",
  x: { label: "percentile", scale: "tail" },
  y: { label: "latency, ms", scale: "log" },
  series: [
    { name: bad, colour: 0, points: [{ x: 2, y: 327 }, { x: 10 }, { x: 100, y: 470 }] },
    { name: "p99", colour: 1, points: [{ x: 2, y: 300, low: 250, high: 400 }] },
  ],
  bands: [{ name: bad, kind: "fault", from: 3, to: 20 }],
  notes: [],
};

const bars: BarChart = {
  kind: "bars",
  name: "two",
  title: "Fates",
  label: "share",
  bars: [{ name: bad, parts: [{ name: bad, colour: 0, count: 3 }] }],
  notes: [],
};

const texts = (svg: string) => [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text);

describe("a drawn chart", () => {
  test("has a label at every line of its grid, and one at each line's end", async () => {
    const { draw } = await openDrawing();
    for (const width of Object.values(chartWidths)) {
      const shown = texts(draw(lines, width));
      for (const label of ["200", "500", "50 %", "90 %", "99 %", "p99"]) expect(shown).toContain(label);
    }
  });

  test("has what others wrote as text, beside a page and as a file", async () => {
    const { draw, drawFile } = await openDrawing();
    for (const svg of [draw(lines, 600), draw(bars, 600), drawFile(lines), drawFile(bars)]) {
      expect(svg).not.toContain("<script");
      expect(svg).toContain("&lt;script");
    }
  });

  test("has no point that is not a number, and draws nothing where nothing is", async () => {
    const { draw } = await openDrawing();
    expect(draw(lines, 600)).not.toMatch(/NaN|undefined|Infinity/);
    expect(draw({ ...lines, series: [], bands: [] }, 600)).not.toMatch(/NaN|undefined|Infinity/);
    expect(draw({ ...bars, bars: [] }, 600)).not.toMatch(/NaN|undefined|Infinity/);
  });
});
