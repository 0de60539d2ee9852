import type { PlotOptions } from "@observablehq/plot";
import type { BarChart } from "../chart.ts";
import type { Kit } from "./kit.ts";
import { colourOf } from "./theme.ts";

const barPx = 18;

/** The options of a plot with one divided bar for each row. */
export function barsPlot({ plot }: Kit, { bars, label }: BarChart, width: number): PlotOptions {
  const parts = bars.flatMap(({ name, parts }) => {
    const total = parts.reduce((sum, { count }) => sum + count, 0);
    let before = 0;
    return parts.map(({ colour, count }) => {
      const from = before / total;
      before += count;
      return { name, from: from * 100, to: (before / total) * 100, fill: colourOf(colour) };
    });
  });
  const longest = Math.max(0, ...bars.map(({ name }) => name.length));
  return {
    width,
    height: 48 + bars.length * barPx,
    marginTop: 4,
    marginBottom: 40,
    marginLeft: Math.min(width * 0.45, 12 + longest * 6.6),
    marginRight: 22,
    x: { domain: [0, 100] },
    y: { domain: bars.map(({ name }) => name), label: null, padding: 0.3 },
    marks: [
      plot.axisX([0, 50, 100], {
        tickFormat: (value: number) => `${value} %`,
        tickSize: 4,
        stroke: "var(--grid)",
        label,
        labelAnchor: "center",
        labelArrow: "none",
      }),
      plot.axisY({ tickSize: 0 }),
      // A part that is too thin to see is as wide as a pixel.
      plot.barX(parts, { y: "name", x1: "from", x2: "to", fill: "fill", stroke: "fill", strokeWidth: 0.6 }),
    ],
  };
}
