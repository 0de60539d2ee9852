import { describe, expect, test } from "vitest";
import type { LinkNode } from "../../src/contracts/links/matrix.ts";
import { lossRatioOf } from "../../src/contracts/links/shape.ts";
import { linksOf, matrixOf, nodesOf, problemsOf } from "./linked.ts";

const regionsOf = (text: string, nodes?: readonly LinkNode[]) =>
  matrixOf(text, nodes).nodes.map(({ region }) => region);

describe("regions", () => {
  test.each<[string, string, string[]]>([
    ["in turn", "regions: [eu, us, as]", ["eu", "us", "as", "eu"]],
    ["by a list", "regions: [eu, us]\nassign: [eu, eu, us, eu]", ["eu", "eu", "us", "eu"]],
  ])("are assigned %s", (_, text, expected) => {
    expect(regionsOf(text)).toEqual(expected);
  });

  test("are assigned by host", () => {
    const nodes = nodesOf(3).map((node, place) => ({ ...node, host: place < 2 ? "a" : "b" }));
    const text = "regions: [eu, us]\nassign: { hosts: { a: us, b: eu } }";
    expect(regionsOf(text, nodes)).toEqual(["us", "us", "eu"]);
    expect(problemsOf("regions: [eu]\nassign: { hosts: { a: eu } }", nodes)).toEqual([
      "links.yaml:2: assign: host b of node2 has no region; add it under hosts:.",
    ]);
    expect(problemsOf(text, nodesOf(1))).toEqual([
      "links.yaml:2: assign: node0 runs on this machine, not on a host; use round-robin or a list.",
    ]);
  });
});

describe("the special counts before the general, key by key", () => {
  const nodes: LinkNode[] = [
    { name: "node0", group: "validator" },
    { name: "node1", group: "validator" },
    { name: "relay0", group: "relay" },
    { name: "node2", group: "validator" },
  ];
  const text = `
default: { delay: 1ms, loss: 1%, rate: 1mbit, jitter: 2ms }
regions: [eu, us]
region-pairs:
  - { from: eu, to: us, delay: 40ms, corrupt: 1%, reorder: 1% }
  - { from: us, to: us, delay: 3ms }
group-pairs:
  - { from: validator, to: relay, loss: 0%, corrupt: 2%, reorder: 2%, jitter-distribution: uniform }
node-pairs:
  - { from: node1, to: relay0, delay: 9ms, reorder: 3%, rate: unlimited }
`;
  const link = linksOf(text, nodes);

  test("default within a region that has no shape of its own", () => {
    expect(link("node0", "relay0")).toMatchObject({ delayMs: 1, rateBps: 1_000_000 });
  });
  test("regions, between and within", () => {
    expect(link("node0", "node1")).toMatchObject({ delayMs: 40, loss: { lossRatio: 0.01 } });
    expect(link("node1", "node2")).toMatchObject({ delayMs: 3 });
  });
  test("groups change what they name alone", () => {
    expect(link("node0", "relay0").loss).toBeUndefined();
    expect(link("node0", "relay0").jitter).toEqual({ deviationMs: 2, distribution: "uniform" });
    expect(link("node0", "node1").jitter).toEqual({ deviationMs: 2, distribution: "normal" });
  });
  test("nodes before regions and groups", () => {
    expect(link("node1", "relay0")).toMatchObject({ delayMs: 9, corruptRatio: 0.02, reorderRatio: 0.03 });
    expect(link("node1", "relay0").rateBps).toBeUndefined();
    expect(link("node1", "relay0").loss).toBeUndefined();
  });
});

describe("directions", () => {
  test("one that is given alone counts for both", () => {
    const link = linksOf("node-pairs: [{ from: node1, to: node0, delay: 5ms }]");
    expect([link("node0", "node1").delayMs, link("node1", "node0").delayMs]).toEqual([5, 5]);
  });

  test.each([
    [
      "nodes",
      "node-pairs: [{ from: node0, to: node1, delay: 5ms, loss: 1% }, { from: node1, to: node0, delay: 7ms }]",
    ],
    [
      "regions",
      "regions: [eu, us]\nregion-pairs: [{ from: eu, to: us, delay: 5ms, loss: 1% }, { from: us, to: eu, delay: 7ms }]",
    ],
  ])("two that are given differ: %s", (_, text) => {
    const link = linksOf(text);
    expect(link("node0", "node1")).toMatchObject({ delayMs: 5, loss: { lossRatio: 0.01 } });
    expect(link("node1", "node0").delayMs).toBe(7);
    expect(link("node1", "node0").loss).toBeUndefined();
  });
});

test("a pair without an edge is down, and keeps its shape", () => {
  const link = linksOf("default: { delay: 5ms }\ntopology: star");
  expect(link("node0", "node3")).toMatchObject({ delayMs: 5, down: false });
  expect(link("node2", "node3")).toMatchObject({ delayMs: 5, down: true });
});

test("a node has no link to itself", () => {
  const { shapes } = matrixOf("{}", nodesOf(3));
  for (const [row, shape] of shapes.entries()) {
    expect(shape.map((one) => one === undefined)).toEqual([0, 1, 2].map((column) => column === row));
  }
});

test("the loss of bursts is that of the chain in the long run", () => {
  const { loss } = linksOf("default: { loss-bursts: { p: 1%, r: 24%, good: 1%, bad: 51% } }")(
    "node0",
    "node1",
  );
  // 1/25 of the time in the bad state.
  expect(lossRatioOf(loss)).toBeCloseTo(0.04 * 0.51 + 0.96 * 0.01, 12);
  expect(lossRatioOf(undefined)).toBe(0);
});
