/** Positions as places of a drawing. Pure. */
import type { Position } from "../../../contracts/links/ground.ts";
import { linearScale } from "../draw/axis.ts";
import type { MapScene } from "./scene.ts";

export interface MapSize {
  readonly width: number;
  readonly height: number;
}

export const usualSize: MapSize = { width: 860, height: 600 };
export const margin = { top: 56, right: 40, bottom: 76, left: 64 };

export interface Projection {
  readonly x: (position: Position) => number;
  readonly y: (position: Position) => number;
  /** The x and y of what is drawn at a place. */
  readonly at: (x: number, y: number) => readonly [number, number];
  /** In the unit of the coordinates. */
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

const middleOf = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;
const spanOf = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
/** Around the outermost nodes. */
const room = 1.15;

/** One scale for both axes; on the earth a degree of longitude is as long as it is in the middle. */
export function projectionOf({ space, nodes, extent }: MapScene, size = usualSize): Projection {
  const all = [...extent, ...nodes.map(({ position }) => position)];
  const xs = all.map(([x = 0]) => x);
  const ys = all.map(([, y = 0]) => y);
  const [middleX, middleY] = [middleOf(xs), middleOf(ys)];
  const shrink = space === "earth" ? Math.max(0.05, Math.cos((middleY * Math.PI) / 180)) : 1;
  const width = size.width - margin.left - margin.right;
  const height = size.height - margin.top - margin.bottom;
  const [spanX, spanY] = [spanOf(xs) * shrink * room, spanOf(ys) * room];
  // All nodes at one place: a view of two units.
  const scale = spanX + spanY > 0 ? Math.min(width / (spanX || 1e-9), height / (spanY || 1e-9)) : height / 2;
  const ticks = (middle: number, half: number) =>
    linearScale([middle - half, middle + half], { fromLeast: true }).ticks.filter(
      (tick) => Math.abs(tick - middle) <= half,
    );
  const [left, top] = [margin.left + width / 2, margin.top + height / 2];
  return {
    x: ([x = 0]) => left + (x - middleX) * shrink * scale,
    y: ([, y = 0]) => top - (y - middleY) * scale,
    at: (x, y) => [middleX + (x - left) / shrink / scale, middleY - (y - top) / scale],
    xTicks: ticks(middleX, width / scale / shrink / 2),
    yTicks: ticks(middleY, height / scale / 2),
  };
}
