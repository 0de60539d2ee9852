/** What is asked of links, node by node. Pure. */
import type { LinkMatrix } from "../../contracts/links/matrix.ts";
import type { LinkShape } from "../../contracts/links/shape.ts";
import type { KernelMechanism, ShaperChange } from "../../contracts/links/shaper.ts";
import { type LinkChange, type LinkPair, linksOf, type PlannedLinks } from "../../contracts/links/shaping.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";

/** Shapes between these nodes, in the order of the matrix. */
export const changesOf = (matrix: LinkMatrix, between: ReadonlySet<NodeName>): LinkChange[] =>
  linksOf(matrix).filter(({ from, to }) => between.has(from) && between.has(to));

export const shaperChange = ({ from, to, shape }: LinkChange): ShaperChange => ({ from, to, ...shape });

export const pairKey = ({ from, to }: LinkPair) => `${from}\n${to}`;

/** Every shape that a run needs, now or later. */
export function listShapes({ matrix, later }: PlannedLinks): readonly LinkShape[] {
  return [...linksOf(matrix).map(({ shape }) => shape), ...later];
}

const duplicates = (shape: LinkShape) => shape.duplicateRatio > 0;
const corrupts = (shape: LinkShape) => shape.corruptRatio > 0;

/** What nfqueue cannot do, by name. */
export function beyondNfqueue(links: PlannedLinks): readonly string[] {
  const shapes = listShapes(links);
  return [...(shapes.some(duplicates) ? ["duplicate"] : []), ...(shapes.some(corrupts) ? ["corrupt"] : [])];
}

/** What the relay cannot do, by name. */
export function beyondRelay(links: PlannedLinks): readonly string[] {
  const shapes = listShapes(links);
  return [
    ...(shapes.some(({ loss }) => loss !== undefined) ? ["loss"] : []),
    ...(shapes.some(({ reorderRatio }) => reorderRatio > 0) ? ["reorder"] : []),
    ...beyondNfqueue(links),
    ...(links.matrix.clients === undefined ? [] : ["clients"]),
  ];
}

/** The mechanism that is asked for, or the only one that can do what is asked for; undefined: either. */
export function kernelMechanism(links: PlannedLinks): KernelMechanism | undefined {
  const { mechanism, matrix } = links;
  if (mechanism !== undefined && mechanism !== "relay") return mechanism;
  if (matrix.clients !== undefined) return "nfqueue";
  return beyondNfqueue(links).length > 0 ? "netem" : undefined;
}
