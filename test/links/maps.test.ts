import { describe, expect, test } from "vitest";
import { namedMaps } from "../../src/links/maps.ts";
import { parseLinks } from "../../src/links/parse.ts";
import { linksOf, matrixOf, nodesOf } from "./linked.ts";

const textOf = (name: string) => namedMaps.read(name) ?? "";

test("the named maps", () => {
  expect(namedMaps.list()).toEqual(["aws-3", "aws-5", "aws-10", "lan", "lte", "radio", "satellite"]);
  expect(namedMaps.read("../package")).toBeUndefined();
});

describe.each(namedMaps.list())("%s", (name) => {
  test("says what it is, where it comes from, and of when", () => {
    const { spec } = parseLinks(textOf(name), name);
    expect(spec).toMatchObject({ title: expect.any(String), source: expect.any(String) });
    expect(spec?.date).toMatch(/^\d{4}(-\d{2}(-\d{2})?)?$/);
  });

  test.each([4, 10, 25])("shapes %i nodes", (count) => {
    const { shapes, nodes, regions } = matrixOf(textOf(name), nodesOf(count));
    const all = shapes.flat().filter((shape) => shape !== undefined);
    expect(all).toHaveLength(count * (count - 1));
    expect(all.some(({ down }) => down)).toBe(false);
    const used = new Set(nodes.flatMap(({ region }) => region ?? []));
    expect(used.size).toBe(Math.min(count, regions.length));
  });

  test("has a shape for every two regions", () => {
    const { regionShapes } = matrixOf(textOf(name));
    for (const [from, row] of regionShapes.entries()) {
      for (const [to, { delayMs }] of row.entries()) expect(delayMs > 0).toBe(from !== to);
    }
  });
});

test("smaller AWS maps are parts of the largest", () => {
  const delays = (name: string) => {
    const { regions, regionShapes } = matrixOf(textOf(name));
    return new Map(
      regions.flatMap((from, row) =>
        regions.map((to, column) => [`${from} ${to}`, regionShapes[row]?.[column]?.delayMs] as const),
      ),
    );
  };
  const all = delays("aws-10");
  for (const name of ["aws-3", "aws-5"]) {
    for (const [pair, delayMs] of delays(name)) expect(all.get(pair), pair).toBe(delayMs);
  }
});

test("a figure of each source", () => {
  expect(linksOf(textOf("aws-3"))("node0", "node1").delayMs).toBe(44);
  expect(linksOf(textOf("satellite"))("node0", "node1").delayMs).toBe(279);
  expect(linksOf(textOf("lte"))("node0", "node1")).toMatchObject({ delayMs: 35, rateBps: 12_000_000 });
  expect(linksOf(textOf("lan"))("node0", "node1")).toMatchObject({ delayMs: 0.25, rateBps: 1_000_000_000 });
  expect(linksOf(textOf("radio"))("node0", "node1").loss).toEqual({
    kind: "gilbert-elliott",
    goodToBadRatio: 1 / 128,
    badToGoodRatio: 1 / 1.28,
    goodLossRatio: 0.01,
    badLossRatio: 1,
  });
});
