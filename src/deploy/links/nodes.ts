import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { DockerNode } from "../containers/node.ts";
import type { Shapers } from "./shapers.ts";

/** What a network of containers needs of its links. */
export interface ContainerLinks {
  readonly shapers: Shapers;
  /** Of the shapers that run on a host, or, undefined, on this machine. */
  readonly processes: (host?: string) => readonly OwnProcess[];
}

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
