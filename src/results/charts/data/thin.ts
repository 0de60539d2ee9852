import type { Point } from "../chart.ts";

/** Points of a line that are drawn at most: two for each pixel of a wide chart. */
export const mostPoints = 1_200;

/**
 * A long line with fewer points, which looks the same: of the points behind each column of pixels, the least and the
 * largest stay, and gaps.
 */
export function thin(points: readonly Point[], most = mostPoints): readonly Point[] {
  if (points.length <= most) return points;
  const columns = Math.max(1, Math.floor(most / 2));
  const kept: Point[] = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * points.length) / columns);
    const to = Math.floor(((column + 1) * points.length) / columns);
    const own = points.slice(from, to);
    const seen = own.filter((point) => point.y !== undefined);
    const [first] = seen.length === 0 ? own : seen;
    if (first === undefined) continue;
    let [least, largest] = [first, first];
    for (const point of seen) {
      if ((point.y ?? 0) < (least.y ?? 0)) least = point;
      if ((point.y ?? 0) > (largest.y ?? 0)) largest = point;
    }
    kept.push(...(least === largest ? [least] : [least, largest].sort((a, b) => a.x - b.x)));
  }
  return kept;
}
