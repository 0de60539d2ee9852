import type { PlotOptions } from "@observablehq/plot";
import type { HeatChart } from "../chart.ts";
import type { Kit } from "./kit.ts";

const rowPx = 34;
/** Of the largest value: from there on the darkest field is reached. */
const leastSpan = 0.2;
const longestName = 14;
/** Ink stays readable on the darkest field, on light and on dark paper. */
const opacity = { least: 0.06, most: 0.6 };

/** The options of a plot with a field for each pair of values. */
export function heatPlot({ plot }: Kit, { x, y, cells }: HeatChart, width: number): PlotOptions {
  const values = cells.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // Fields that hardly differ hardly look different.
  const span = Math.max(most - least, leastSpan * most, Number.MIN_VALUE);
  const fields = cells.map((cell) => ({
    ...cell,
    opacity: opacity.least + ((opacity.most - opacity.least) * (cell.value - least)) / span,
  }));
  const longest = Math.max(0, ...y.names.map((name) => Math.min(name.length, longestName)));
  const shorten = (names: readonly string[]) => (place: number) => {
    const name = names[place] ?? "";
    return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
  };
  const places = (names: readonly string[]) => names.map((_, place) => place);
  const labels = { labelAnchor: "center", labelArrow: "none" } as const;
  return {
    width,
    height: 66 + y.names.length * rowPx,
    marginTop: 24,
    marginBottom: 42,
    marginLeft: 24 + longest * 7,
    marginRight: 12,
    x: { type: "band", domain: places(x.names), padding: 0.04 },
    y: { type: "band", domain: places(y.names), padding: 0.04 },
    marks: [
      plot.axisX({ tickFormat: shorten(x.names), tickSize: 0, label: x.label, ...labels }),
      plot.axisY({
        tickFormat: shorten(y.names),
        tickSize: 0,
        label: y.label,
        labelAnchor: "top",
        labelArrow: "none",
      }),
      plot.cell(fields, { x: "x", y: "y", fill: "var(--s0)", fillOpacity: "opacity" }),
      plot.text(fields, { x: "x", y: "y", text: "text", fill: "var(--ink)", fontWeight: 600 }),
    ],
  };
}
