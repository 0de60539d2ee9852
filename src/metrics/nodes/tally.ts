/** What nodes used in a window, from their seconds. Pure: the events of a bundle give the same again. */
import type { NodeSecond } from "../../contracts/hosts/host-load.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { Growth } from "../../contracts/results/growth.ts";
import { Floors } from "../stats/trend/floors.ts";
import { growthOf } from "./growth.ts";

interface Calls {
  readonly reads: number;
  readonly writes: number;
}

/** Takes second after second of all nodes, in bounded memory however long it goes on. */
export class NodesTally {
  readonly #wholeSecs: number;
  readonly #memory = new Map<NodeName, Floors>();
  readonly #calls = new Map<NodeName, Calls>();

  /** @param windowSecs of which the whole seconds count */
  constructor(windowSecs: number) {
    this.#wholeSecs = Math.max(1, Math.floor(windowSecs));
  }

  /** @param second since the start of the window; those outside of it are passed over */
  add(second: number, nodes: readonly NodeSecond[]): void {
    if (second < 0 || second >= this.#wholeSecs) return;
    for (const { node, memoryBytes, reads, writes } of nodes) {
      if (memoryBytes !== undefined) {
        const floors = this.#memory.get(node) ?? new Floors();
        this.#memory.set(node, floors);
        floors.add(second, memoryBytes);
      }
      if (reads !== undefined && writes !== undefined) {
        const before = this.#calls.get(node) ?? { reads: 0, writes: 0 };
        this.#calls.set(node, { reads: before.reads + reads, writes: before.writes + writes });
      }
    }
  }

  /** Calls of read and write. undefined: its machine does not tell. */
  calls(node: NodeName): Calls | undefined {
    return this.#calls.get(node);
  }

  /** undefined: the window is too short, or too little was seen. */
  memoryGrowth(node: NodeName): Growth | undefined {
    const floors = this.#memory.get(node);
    return floors && growthOf(floors, this.#wholeSecs);
  }
}
