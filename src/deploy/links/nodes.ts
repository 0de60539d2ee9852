import type { DockerNode } from "../containers/node.ts";
import type { Shapers } from "./shapers.ts";

/** A node that is shaped again before its start is over. */
export function shapedNode(node: DockerNode, shapers: Shapers | undefined): DockerNode {
  if (shapers === undefined) return node;
  return {
    ...node,
    start: async () => {
      await node.start();
      // Bounded by the shaper's own limits.
      await shapers.attach([node.name], new AbortController().signal);
    },
  };
}
