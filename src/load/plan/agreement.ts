import type { NodeName } from "../../contracts/nodes/node.ts";
import type { Fork } from "../../contracts/results/safety.ts";
import { HeightRanges, reportedHeights } from "./height-ranges.ts";

/** Heights that wait for the other nodes' word; more only pile up where a node is far behind or dead. */
const keptHeights = 16_384;
/** Most forks that are told. */
export const keptForks = 10;

/** What comparing the nodes' blocks came to. */
export interface AgreementFindings {
  /** Heights at which every node showed the same block. */
  readonly comparedHeights: number;
  /** All others, from the lowest that any node showed to the highest. */
  readonly uncomparedHeights: number;
  /** Of those, ascending: all where they are few, else some spread over all that is known of them. */
  readonly uncompared: readonly number[];
  /** The lowest heights, at most ten, at which two nodes showed different blocks; lowest first. */
  readonly forks: readonly Fork[];
}

/** Compares what all nodes show at each height, in bounded memory. */
export class Agreement {
  readonly #nodes: number;
  /** What was first shown at a height, and by whom; gone once every node has shown the same. */
  readonly #shown = new Map<number, { readonly fingerprint: string; readonly by: NodeName[] }>();
  readonly #forks = new Map<number, Map<NodeName, string>>();
  /** Heights that were let go before every node had shown them; what comes later is not compared there. */
  readonly #letGo = new HeightRanges();
  #compared = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #highest = 0;

  /** @param nodes how many nodes are watched, at least 2 */
  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  /** Takes note of the block that a node shows at a height. */
  show(node: NodeName, height: number, fingerprint: string): void {
    this.#lowest = Math.min(this.#lowest, height);
    this.#highest = Math.max(this.#highest, height);
    const fork = this.#forks.get(height);
    if (fork !== undefined) {
      fork.set(node, fingerprint);
      return;
    }
    const first = this.#shown.get(height);
    if (first === undefined) {
      // What was let go is not kept anew: a node that shows old heights would push out what it has yet to show.
      if (!this.#letGo.has(height)) this.#keep(height, fingerprint, node);
      return;
    }
    if (first.fingerprint !== fingerprint) {
      this.#fork(
        height,
        new Map([...first.by.map((name) => [name, first.fingerprint] as const), [node, fingerprint]]),
      );
      this.#shown.delete(height);
      return;
    }
    first.by.push(node);
    if (first.by.length < this.#nodes) return;
    this.#shown.delete(height);
    this.#compared++;
  }

  findings(): AgreementFindings {
    const all = this.#highest === 0 ? 0 : this.#highest - this.#lowest + 1;
    return {
      comparedHeights: this.#compared,
      uncomparedHeights: all - this.#compared,
      uncompared: this.#reportUncompared(),
      forks: listForks(this.#forks),
    };
  }

  #reportUncompared(): number[] {
    const waiting = new HeightRanges();
    for (const height of [...this.#shown.keys()].sort((a, b) => a - b)) waiting.add(height);
    const heights = [...this.#letGo.spread(reportedHeights / 2), ...waiting.spread(reportedHeights / 2)];
    return heights.sort((a, b) => a - b);
  }

  #keep(height: number, fingerprint: string, node: NodeName): void {
    this.#shown.set(height, { fingerprint, by: [node] });
    if (this.#shown.size <= keptHeights) return;
    const oldest = this.#shown.keys().next().value;
    if (oldest === undefined) return;
    this.#shown.delete(oldest);
    this.#letGo.add(oldest);
  }

  #fork(height: number, shown: Map<NodeName, string>): void {
    this.#forks.set(height, shown);
    if (this.#forks.size > keptForks) this.#forks.delete(Math.max(...this.#forks.keys()));
  }
}

/** Lowest first. */
export function listForks(shownAt: ReadonlyMap<number, ReadonlyMap<NodeName, string>>): Fork[] {
  return [...shownAt]
    .map(([height, shown]): Fork => {
      const blocks = [...shown].map(([node, fingerprint]) => ({ node, fingerprint }));
      return { height, seen: "during", shown: blocks };
    })
    .sort((a, b) => a.height - b.height);
}
