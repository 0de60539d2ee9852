import type { LinkMatrix } from "../../../src/contracts/links/matrix.ts";
import { type LinkShape, unshaped } from "../../../src/contracts/links/shape.ts";
import type { PlannedLinks } from "../../../src/contracts/links/shaping.ts";

/** Links of `count` nodes, all alike but for those that `shapeOf` makes others. */
export function linksOf(
  count: number,
  shapeOf: (from: number, to: number) => Partial<LinkShape>,
  more: Partial<PlannedLinks> & { readonly clients?: LinkShape } = {},
): PlannedLinks {
  const places = Array.from({ length: count }, (_, i) => i);
  const { clients, ...others } = more;
  const matrix: LinkMatrix = {
    nodes: places.map((i) => ({ name: `node${i}`, group: "validator" })),
    regions: [],
    shapes: places.map((from) =>
      places.map((to) => (from === to ? undefined : { ...unshaped, ...shapeOf(from, to) })),
    ),
    regionShapes: [],
    ...(clients === undefined ? {} : { clients }),
  };
  return { matrix, seed: "test", later: [], ...others };
}
