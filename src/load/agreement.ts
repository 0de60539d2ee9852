import type { NodeName } from "../contracts/deployment.ts";
import type { Disagreement } from "./client-plan.ts";

/** Heights that wait for the other nodes' word; more only pile up where a node is far behind or dead. */
const keptHeights = 16_384;
const keptDisagreements = 10;

/** Compares what all nodes show at each height, in bounded memory. */
export class Agreement {
  readonly #nodes: number;
  /** What was first shown at a height, and by whom; gone once every node has shown the same. */
  readonly #shown = new Map<number, { readonly fingerprint: string; readonly by: NodeName[] }>();
  readonly #disagreements = new Map<number, Record<NodeName, string>>();
  #uncompared = 0;

  /** @param nodes how many nodes are watched */
  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  /** Heights that were let go before every node had shown them; the ones that came later were not compared there. */
  get uncompared(): number {
    return this.#uncompared;
  }

  /** Takes note of the block that a node shows at a height. */
  show(node: NodeName, height: number, fingerprint: string): void {
    const disagreement = this.#disagreements.get(height);
    if (disagreement !== undefined) {
      disagreement[node] = fingerprint;
      return;
    }
    const first = this.#shown.get(height);
    if (first === undefined) {
      if (this.#nodes > 1) this.#keep(height, fingerprint, node);
      return;
    }
    if (first.fingerprint !== fingerprint) {
      this.#disagree(height, {
        ...Object.fromEntries(first.by.map((name) => [name, first.fingerprint])),
        [node]: fingerprint,
      });
      this.#shown.delete(height);
      return;
    }
    first.by.push(node);
    if (first.by.length === this.#nodes) this.#shown.delete(height);
  }

  /** The lowest heights, at most ten, at which two nodes showed different blocks. */
  disagreements(): Disagreement[] {
    return [...this.#disagreements]
      .map(([height, fingerprints]) => ({ height, fingerprints }))
      .sort((a, b) => a.height - b.height);
  }

  #keep(height: number, fingerprint: string, node: NodeName): void {
    this.#shown.set(height, { fingerprint, by: [node] });
    if (this.#shown.size <= keptHeights) return;
    const oldest = this.#shown.keys().next().value;
    if (oldest === undefined) return;
    this.#shown.delete(oldest);
    this.#uncompared++;
  }

  #disagree(height: number, fingerprints: Record<NodeName, string>): void {
    this.#disagreements.set(height, fingerprints);
    if (this.#disagreements.size > keptDisagreements) {
      this.#disagreements.delete(Math.max(...this.#disagreements.keys()));
    }
  }
}
