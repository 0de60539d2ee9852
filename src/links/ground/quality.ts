/** Shapes of links by the distance of their nodes. Pure. */
import type { Ground, Position, QualityPoint } from "../../contracts/links/ground.ts";
import type { LinkShape } from "../../contracts/links/shape.ts";
import { changeShape, moveShape } from "../change.ts";
import { distanceM } from "./distance.ts";

/**
 * Between two points, numbers are in proportion; nearer than the first point and beyond the last one, they are those of
 * that point. What is no number (down, a queue) holds from its point to the next.
 *
 * @param points by rising distance
 * @param base what points do not set
 */
export function shapeAt(points: readonly QualityPoint[], base: LinkShape, metres: number): LinkShape {
  const next = points.findIndex((point) => point.distanceM > metres);
  const at = next < 0 ? points.length - 1 : Math.max(0, next - 1);
  const point = points[at];
  if (point === undefined) return base;
  const shape = changeShape(base, point.change);
  const beyond = points[at + 1];
  if (beyond === undefined || metres <= point.distanceM) return shape;
  return moveShape(shape, beyond.change, (metres - point.distanceM) / (beyond.distanceM - point.distanceM));
}

/**
 * The shape of a link when its nodes are at these positions.
 *
 * @param from place of the sender in the matrix
 * @returns undefined where it does not follow from a distance
 */
export function groundShape(
  { space, layers, layerOf, base }: Ground,
  positions: readonly (Position | undefined)[],
  { from, to }: { readonly from: number; readonly to: number },
): LinkShape | undefined {
  const layer = layers[layerOf[from]?.[to] ?? -1];
  const [one, other, below] = [positions[from], positions[to], base[from]?.[to]];
  if (layer === undefined || one === undefined || other === undefined || below === undefined)
    return undefined;
  return shapeAt(layer.quality, below, distanceM(space, one, other));
}
