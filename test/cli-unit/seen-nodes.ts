import type { SeenNode } from "../../src/contracts/nodes/seen-node.ts";

/** A node that has said some lines, and has gone for good when it is followed. */
export function seenNode(shape: Partial<SeenNode> & { readonly says?: string } = {}): SeenNode {
  const { says = "first\nsecond", ...rest } = shape;
  return {
    run: "3f9a2c1e",
    name: "node0",
    runtime: "docker",
    state: "up",
    startedAtMs: Date.UTC(2024, 0, 15),
    ports: [26_657, 26_670],
    readLog: async (tailLines) => says.split("\n").slice(-tailLines).join("\n"),
    followLog: async (_, onText, signal) => {
      onText(`${says}\nhalf a li`);
      onText("ne\n");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
    ...rest,
  };
}
