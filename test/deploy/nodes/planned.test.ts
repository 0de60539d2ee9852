import { expect, test } from "vitest";
import { listPlannedNodes } from "../../../src/deploy/nodes/planned.ts";

test("nodes are named throughout the plan, and counted within their group", () => {
  const program = { kind: "node-program", name: "p", root: "/", entry: "p.js", include: [] } as const;
  const group = (role: string, count: number) => ({
    role,
    count,
    program,
    planes: [],
    configure: () => ({ args: [], files: [] }),
  });
  const nodes = listPlannedNodes({ groups: [group("validator", 2), group("relay", 1)] });
  expect(nodes.map(({ name, role, index }) => `${name} ${role} ${index}`)).toEqual([
    "node0 validator 0",
    "node1 validator 1",
    "node2 relay 0",
  ]);
});
