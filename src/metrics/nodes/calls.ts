/** Calls of read and write of nodes in the seconds of a window. Pure. */
import type { NodeSecond } from "../../contracts/hosts/host-load.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";

interface Calls {
  readonly reads: number;
  readonly writes: number;
}

export class NodeCalls {
  readonly #secs: number;
  readonly #sums = new Map<NodeName, Calls>();

  /** @param windowSecs of which the whole seconds count */
  constructor(windowSecs: number) {
    this.#secs = Math.max(1, Math.floor(windowSecs));
  }

  /** @param second since the window's start; others than those of the window are passed over */
  add(second: number, nodes: readonly NodeSecond[]): void {
    if (second < 0 || second >= this.#secs) return;
    for (const { node, reads, writes } of nodes) {
      if (reads === undefined || writes === undefined) continue;
      const before = this.#sums.get(node) ?? { reads: 0, writes: 0 };
      this.#sums.set(node, { reads: before.reads + reads, writes: before.writes + writes });
    }
  }

  /** undefined: its machine does not tell. */
  of(node: NodeName): Calls | undefined {
    return this.#sums.get(node);
  }
}
