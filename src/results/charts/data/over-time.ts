/** Lines over the time of a run, one for each figure of its parts. */
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import type { Axis, LineChart, Point, Series } from "../chart.ts";
import { bandsOf } from "./bands.ts";
import { thin } from "./thin.ts";

export const windowTime: Axis = { label: "seconds of the window", fromLeast: true };

export interface OverTime<Part> extends Pick<LineChart, "name" | "title" | "y"> {
  /** By the names of the lines. */
  readonly lines: Readonly<Record<string, (part: Part) => number | undefined>>;
  /** Lines of nothing but 0 are left out. */
  readonly withoutZeros?: true;
}

/** @param parts each with the second that it stands at @returns undefined where nothing is known of any line */
export function overTime<Part extends { readonly at: number }>(
  run: NativeResult,
  parts: readonly Part[],
  { lines, withoutZeros, ...chart }: OverTime<Part>,
): LineChart | undefined {
  const isShown = ({ y }: Point) => y !== undefined && (y !== 0 || withoutZeros === undefined);
  const series = Object.entries(lines).flatMap(([name, of], colour): Series[] => {
    const points = parts.map((part): Point => ({ x: part.at, y: of(part) }));
    return points.some(isShown) ? [{ name, colour, points: thin(points) }] : [];
  });
  if (series.length === 0) return undefined;
  return { kind: "lines", ...chart, x: windowTime, series, bands: bandsOf(run), notes: [] };
}
