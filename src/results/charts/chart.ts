/** Charts as plain data: what is drawn, with its units, and nothing of how. */

/** Absent: nothing was seen there, and a line has a gap. */
export interface Point {
  readonly x: number;
  readonly y?: number | undefined;
  /** Ends of an interval around y. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

export interface Series {
  /** Stands at the end of its line; of several series that share one, once. Empty where the axes say all. */
  readonly name: string;
  /** Series of one number have one colour, from 0. */
  readonly colour: number;
  readonly points: readonly Point[];
  /** dots: single values. marks: points with their intervals, which no line joins. Default: line. */
  readonly style?: "line" | "dashed" | "faint" | "dots" | "marks" | undefined;
}

/** A part of the x-axis in which something was so: a fault, a change of links, a phase. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly kind: "fault" | "links" | "phase";
}

export interface Axis {
  /** With the unit: "latency, ms". */
  readonly label: string;
  /** log: a grid at 1, 2, 5, 10, …. tail: of quantiles, as HdrHistogram draws them: 50 %, 90 %, 99 %, …. Default: linear, from 0. */
  readonly scale?: "linear" | "log" | "tail" | undefined;
  /** Of a linear one: begins at the least value instead of 0. */
  readonly fromLeast?: true | undefined;
  /** The only values that there are, such as loads; undefined: any. */
  readonly ticks?: readonly number[] | undefined;
  /** What its places 0, 1, 2, … are called, where it has no numbers. */
  readonly names?: readonly string[] | undefined;
  /** How a value looks at the axis. Default: 1,000 is 1k. */
  readonly unit?: "bytes" | undefined;
}

interface Common {
  /** How `--svg` calls it. */
  readonly name: string;
  readonly title: string;
  /** What was left out, or how to read it. */
  readonly notes: readonly string[];
}

export interface LineChart extends Common {
  readonly kind: "lines";
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly bands?: readonly Band[];
  /** A thin line where y = x, and what it means. */
  readonly ideal?: string | undefined;
}

export interface BarPart {
  readonly name: string;
  readonly colour: number;
  readonly count: number;
}

/** Bars of one length, divided. */
export interface BarChart extends Common {
  readonly kind: "bars";
  readonly label: string;
  readonly bars: readonly { readonly name: string; readonly parts: readonly BarPart[] }[];
}

export interface HeatCell {
  /** Places among the names. */
  readonly x: number;
  readonly y: number;
  readonly value: number;
  readonly text: string;
}

/** A table of fields, the darker the larger. */
export interface HeatChart extends Common {
  readonly kind: "heat";
  readonly x: { readonly label: string; readonly names: readonly string[] };
  readonly y: { readonly label: string; readonly names: readonly string[] };
  /** Fields without a cell stay empty. */
  readonly cells: readonly HeatCell[];
}

export type Chart = LineChart | BarChart | HeatChart;

/** Each name once, with its colour, in the order of the series. */
export function legendOf(chart: Chart): readonly Pick<Series, "name" | "colour">[] {
  if (chart.kind === "heat") return [];
  const all = chart.kind === "bars" ? chart.bars.flatMap(({ parts }) => parts) : chart.series;
  return [...new Map(all.map(({ name, colour }) => [name, { name, colour }])).values()];
}
