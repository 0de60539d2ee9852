import type { Ground } from "../../contracts/links/ground.ts";
import type { LinkMatrix, LinkNode } from "../../contracts/links/matrix.ts";
import type { GroundSpec, LayerSpec } from "../spec.ts";

interface GroundSetting {
  readonly nodes: readonly LinkNode[];
  /** Shapes before any distance counts. */
  readonly base: LinkMatrix["shapes"];
  /** Links that no distance changes: they have no edge, or were set node by node. */
  readonly isFixed: (from: LinkNode, to: LinkNode) => boolean;
}

/** The ground of these nodes. Pure. */
export function resolveGround(
  { space, tickMs, positions, layers }: GroundSpec,
  { nodes, base, isFixed }: GroundSetting,
): Ground {
  const layerOf = nodes.map((from) =>
    nodes.map((to) => {
      if (from === to || isFixed(from, to) || !positions.has(from.name) || !positions.has(to.name))
        return undefined;
      const place = layers.findIndex((layer) => names(layer, from.name, to.name));
      return place < 0 ? undefined : place;
    }),
  );
  return {
    space,
    tickMs,
    positions: nodes.map(({ name }) => positions.get(name)),
    layers: layers.map(({ name, quality }) => (name === undefined ? { quality } : { name, quality })),
    layerOf,
    base,
  };
}

function names({ nodes, edges }: LayerSpec, from: string, to: string): boolean {
  if (nodes !== undefined) return nodes.includes(from) && nodes.includes(to);
  const isIt = ([one, other]: readonly [string, string]) =>
    (one === from && other === to) || (one === to && other === from);
  return edges === undefined || edges.some(isIt);
}
