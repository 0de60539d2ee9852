import { expect, test } from "vitest";
import { listPlannedNodes, placeHelpers } from "../../../src/deploy/nodes/planned.ts";

const program = { kind: "node-program", name: "p", root: "/", entry: "p.js", include: [] } as const;
const group = (role: string, count: number, isHelper = false) => ({
  ...{ role, count, program, isHelper },
  planes: [],
  configure: () => ({ args: [], files: [] }),
});

test("nodes are named throughout the plan, and counted within their group", () => {
  const nodes = listPlannedNodes({ groups: [group("validator", 2), group("relay", 1)] });
  expect(nodes.map(({ name, role, index }) => `${name} ${role} ${index}`)).toEqual([
    "node0 validator 0",
    "node1 validator 1",
    "node2 relay 0",
  ]);
});

test.each([
  {
    of: "goes to the host with the fewest nodes",
    nodes: [[0, 2], [1]],
    placed: [
      [0, 2],
      [1, 3],
    ],
  },
  { of: "the first of equals", nodes: [[0, 1], [], [2]], placed: [[0, 1], [3], [2]] },
  { of: "stays where it was put", nodes: [[3], [0, 1, 2]], placed: [[3], [0, 1, 2]] },
  { of: "finds no host for others", nodes: [[0], [1]], placed: [[0], [1]] },
])("a helper $of", ({ nodes, placed }) => {
  const groups = [group("peer", 3), group("coordinator", 1, true)];
  const hosts = nodes.map((numbers) => ({ nodes: numbers }));
  expect(placeHelpers({ groups }, hosts).map((host) => host.nodes)).toEqual(placed);
});
