import type { Position, Space } from "../../contracts/links/ground.ts";

/** Mean radius of the earth, metres. */
const earthRadiusM = 6_371_008.8;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Metres: in a straight line; on the earth along the great circle (haversine). */
export function distanceM(space: Space, from: Position, to: Position): number {
  const [x = 0, y = 0, z = 0] = from;
  const [toX = 0, toY = 0, toZ = 0] = to;
  if (space === "plane") return Math.hypot(toX - x, toY - y, toZ - z);
  const half = (angle: number) => Math.sin(radians(angle) / 2) ** 2;
  const haversine = half(toY - y) + Math.cos(radians(y)) * Math.cos(radians(toY)) * half(toX - x);
  return 2 * earthRadiusM * Math.asin(Math.min(1, Math.sqrt(haversine)));
}
