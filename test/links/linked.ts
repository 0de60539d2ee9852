import type { LinkNode } from "../../src/contracts/links/matrix.ts";
import type { LinkShape } from "../../src/contracts/links/shape.ts";
import { parseLinks } from "../../src/links/parse.ts";
import { resolveLinks } from "../../src/links/resolve.ts";

export const nodesOf = (count: number): LinkNode[] =>
  Array.from({ length: count }, (_, place) => ({ name: `node${place}`, group: "validator" }));

/** All that is wrong with a text, for these nodes. */
export function problemsOf(text: string, nodes: readonly LinkNode[] = nodesOf(4)): string[] {
  const { spec, diagnostics, diagnostic } = parseLinks(text, "links.yaml");
  const later = spec === undefined ? [] : resolveLinks(spec, nodes).problems;
  const placed = later.map(({ path, message }) => diagnostic(path, message));
  return [...diagnostics, ...placed].map(({ message }) => message);
}

/** The links of a text that is right. */
export function matrixOf(text: string, nodes: readonly LinkNode[] = nodesOf(4)) {
  const { spec, diagnostics } = parseLinks(text, "links.yaml");
  if (spec === undefined) throw new TypeError(JSON.stringify(diagnostics));
  const { matrix, problems } = resolveLinks(spec, nodes);
  if (matrix === undefined) throw new TypeError(JSON.stringify(problems));
  return matrix;
}

/** What makes of "node0 to node1" its shape. */
export function linksOf(text: string, nodes?: readonly LinkNode[]) {
  const { nodes: placed, shapes } = matrixOf(text, nodes);
  const placeOf = (name: string) => placed.findIndex((node) => node.name === name);
  return (from: string, to: string): LinkShape => {
    const shape = shapes[placeOf(from)]?.[placeOf(to)];
    if (shape === undefined) throw new TypeError(`no link from ${from} to ${to}`);
    return shape;
  };
}
