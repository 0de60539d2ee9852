import { describe, expect, test } from "vitest";
import { buildEdges, type Topology } from "../../src/links/topology.ts";

const namesOf = (count: number) => Array.from({ length: count }, (_, place) => `node${place}`);

/** "0-1 0-2": each link once. */
function edgesOf(topology: Topology, count: number): string {
  const edges = buildEdges(topology, namesOf(count));
  const found: string[] = [];
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      expect(edges.has(a, b)).toBe(edges.has(b, a));
      if (edges.has(a, b)) found.push(`${a}-${b}`);
    }
  }
  return found.join(" ");
}

function isConnected(topology: Topology, count: number): boolean {
  const edges = buildEdges(topology, namesOf(count));
  const reached = new Set([0]);
  for (const from of reached) {
    for (let to = 0; to < count; to++) if (edges.has(from, to)) reached.add(to);
  }
  return reached.size === count;
}

test.each<[Topology, number, string]>([
  [{ kind: "full" }, 4, "0-1 0-2 0-3 1-2 1-3 2-3"],
  [{ kind: "star" }, 4, "0-1 0-2 0-3"],
  [{ kind: "ring" }, 4, "0-1 0-3 1-2 2-3"],
  [{ kind: "ring" }, 2, "0-1"],
  [{ kind: "ring" }, 1, ""],
  [{ kind: "tree" }, 7, "0-1 0-2 1-3 1-4 2-5 2-6"],
  [{ kind: "edges", edges: [["node2", "node0"]] }, 3, "0-2"],
])("%j of %i nodes", (topology, count, expected) => {
  expect(edgesOf(topology, count)).toBe(expected);
});

describe("random links", () => {
  const random = (degree: number, seed = "1"): Topology => ({ kind: "random", degree, seed });

  test("follow from the seed", () => {
    expect(edgesOf(random(4), 20)).toBe(edgesOf(random(4), 20));
    expect(edgesOf(random(4), 20)).not.toBe(edgesOf(random(4, "2"), 20));
  });

  test.each([1, 2, 3, 4, 10, 25, 64])("connect %i nodes, and give none more than the degree", (count) => {
    for (const degree of [2, 3, 5]) {
      for (const seed of ["1", "2", "3", "4"]) {
        expect(isConnected(random(degree, seed), count)).toBe(true);
        const edges = buildEdges(random(degree, seed), namesOf(count));
        const degrees = namesOf(count).map((_, node) => edges.degreeOf(node));
        expect(Math.max(...degrees)).toBeLessThanOrEqual(Math.max(degree, 2));
        // The few that find no partner lack links; all others have theirs.
        const lacking = degrees.filter((one) => one < Math.min(degree, count - 1)).length;
        expect(lacking).toBeLessThanOrEqual(degree);
      }
    }
  });

  test("are all links where the degree is that of a full network", () => {
    expect(edgesOf(random(5), 6)).toBe(edgesOf({ kind: "full" }, 6));
  });
});
