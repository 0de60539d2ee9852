import fc from "fast-check";
import { expect, test } from "vitest";
import { assignIslands, defaultRules, type Inhabitant } from "../../../src/server/lighthouse/islands.ts";

const at = (id: string, x: number, islandId?: string, layer = "blue"): Inhabitant => ({
  id,
  position: [x, 0, 0],
  layer,
  islandId,
});

function assign(peers: readonly Inhabitant[], rules = defaultRules): Record<string, string> {
  let made = 0;
  return Object.fromEntries(
    assignIslands(peers, rules, (layer) => {
      made++;
      return `${layer}-new${made}`;
    }),
  );
}

test.each([
  [
    "peers in reach of each other share an island",
    [at("a", 0), at("b", 64)],
    { a: "blue-new1", b: "blue-new1" },
  ],
  [
    "peers out of reach have islands of their own",
    [at("a", 0), at("b", 65)],
    { a: "blue-new1", b: "blue-new2" },
  ],
  [
    "a peer between two islands joins them",
    [at("a", 0, "i1"), at("b", 120, "i2"), at("c", 60)],
    { a: "i1", b: "i1", c: "i1" },
  ],
  [
    "peers of another layer are never in reach",
    [at("a", 0), at("b", 0, undefined, "red")],
    { a: "blue-new1", b: "red-new2" },
  ],
  [
    "a peer stays until it is farther away than the distance for leaving",
    [at("a", 0, "i1"), at("b", 80, "i1")],
    { a: "i1", b: "i1" },
  ],
  [
    "the larger part of an island keeps it",
    [at("a", 0, "i1"), at("b", 81, "i1"), at("c", 90, "i1")],
    { a: "blue-new1", b: "i1", c: "i1" },
  ],
])("%s", (_name, peers, expected) => {
  expect(assign(peers)).toEqual(expected);
});

test("no island has more peers than allowed", () => {
  const peers = Array.from({ length: 25 }, (_, index) => at(`p${index}`, 0));
  const islands = Object.values(assign(peers, { ...defaultRules, mostPeers: 10 }));
  const sizes = [...Map.groupBy(islands, (id) => id).values()].map((ids) => ids.length);
  expect(sizes.toSorted((a, b) => a - b)).toEqual([5, 10, 10]);
});

test("assigning again changes nothing while nobody moves, and every peer has an island", () => {
  const peer = fc.record({ x: fc.integer({ min: -300, max: 300 }), layer: fc.constantFrom("blue", "red") });
  fc.assert(
    fc.property(fc.array(peer, { maxLength: 40 }), (drawn) => {
      const peers = drawn.map(({ x, layer }, index) => at(`p${index}`, x, undefined, layer));
      const islands = assign(peers);
      expect(Object.keys(islands)).toHaveLength(peers.length);
      const again = assign(peers.map((one) => ({ ...one, islandId: islands[one.id] })));
      expect(again).toEqual(islands);
    }),
  );
});

test("a thousand peers far from each other are assigned within a moment", () => {
  const peers = Array.from({ length: 1000 }, (_, index) => at(`p${index}`, index * 100));
  const startMs = performance.now();
  expect(new Set(Object.values(assign(peers))).size).toBe(1000);
  expect(performance.now() - startMs).toBeLessThan(1000);
});
