import { seededRandom } from "../core/random.ts";

export const topologyNames = ["full", "star", "ring", "tree"] as const;

/** Which nodes have a link to each other. */
export type Topology =
  | { readonly kind: (typeof topologyNames)[number] }
  /** degree: links of each node; at least 2. */
  | { readonly kind: "random"; readonly degree: number; readonly seed: string }
  /** By names of nodes. */
  | { readonly kind: "edges"; readonly edges: readonly (readonly [string, string])[] };

/** Both directions of each link, as places of nodes. */
export class EdgeSet {
  readonly #neighbours: readonly Set<number>[];

  constructor(nodes: number) {
    this.#neighbours = Array.from({ length: nodes }, () => new Set<number>());
  }

  add(a: number, b: number): void {
    if (a === b) return;
    this.#neighbours[a]?.add(b);
    this.#neighbours[b]?.add(a);
  }

  has(a: number, b: number): boolean {
    return this.#neighbours[a]?.has(b) === true;
  }

  degreeOf(node: number): number {
    return this.#neighbours[node]?.size ?? 0;
  }
}

/**
 * The links of a topology. star: the first node is the centre. ring: each node and the next. tree: binary, in the order
 * of the nodes, the first is the root. Same names, same seed, same links.
 *
 * @param names of the nodes; edges that name others are left out
 */
export function buildEdges(topology: Topology, names: readonly string[]): EdgeSet {
  const count = names.length;
  const edges = new EdgeSet(count);
  switch (topology.kind) {
    case "full":
      for (let a = 0; a < count; a++) for (let b = 0; b < a; b++) edges.add(a, b);
      break;
    case "star":
      for (let node = 1; node < count; node++) edges.add(0, node);
      break;
    case "ring":
      for (let node = 0; node < count; node++) edges.add(node, (node + 1) % count);
      break;
    case "tree":
      for (let node = 1; node < count; node++) edges.add(node, Math.floor((node - 1) / 2));
      break;
    case "random":
      addRandomEdges(edges, count, topology);
      break;
    case "edges": {
      const places = new Map(names.map((name, place) => [name, place]));
      for (const [a, b] of topology.edges) edges.add(places.get(a) ?? -1, places.get(b) ?? -1);
    }
  }
  return edges;
}

/**
 * A ring through all nodes in random order, which connects them; then random links between nodes that have too few.
 * Where those that are left have links to each other already, they keep fewer than `degree`.
 */
function addRandomEdges(
  edges: EdgeSet,
  count: number,
  { degree, seed }: { readonly degree: number; readonly seed: string },
): void {
  const random = seededRandom(`links ${seed}`);
  const order = Array.from({ length: count }, (_, node) => node);
  shuffle(order, random.nextUint32);
  for (const [place, node] of order.entries()) edges.add(node, order[(place + 1) % count] ?? node);
  const pairs = order.flatMap((a, place) => order.slice(0, place).map((b) => [a, b] as const));
  shuffle(pairs, random.nextUint32);
  for (const [a, b] of pairs) {
    if (edges.degreeOf(a) < degree && edges.degreeOf(b) < degree) edges.add(a, b);
  }
}

/** Fisher-Yates. */
export function shuffle<T>(items: T[], nextUint32: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = nextUint32() % (last + 1);
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
}
