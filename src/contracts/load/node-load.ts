import type { NodeName, Plane } from "../nodes/node.ts";

/** The load that the nodes of one network make, as their configuration states it. */
export interface NodeLoad {
  /** Of all nodes together, transactions per second. */
  readonly rateTps: number;
  readonly transactionSizeBytes: number;
  readonly warmUpSecs: number;
  /** Length of the measurement window. */
  readonly durationSecs: number;
  /** Of all that the nodes draw at random. */
  readonly seed?: string | undefined;
  /** Pairs of nodes that may connect to each other; absent: all. */
  readonly edges?: readonly (readonly [NodeName, NodeName])[] | undefined;
}

/** Whose transactions a node counts: those that it submitted, or the whole committee's. */
export type CountedOf = "node" | "committee";

/** Which of the nodes' own metrics tell what became of their load. */
export interface NativeCounters {
  readonly plane: Plane;
  readonly path: string;
  /** Counter of the transactions that a node submitted; absent: nobody knows whether the load was offered. */
  readonly submitted?: string | undefined;
  /** `counter` absent: as many as the latency's histogram holds. */
  readonly committed: { readonly counter?: string | undefined; readonly of: CountedOf };
  readonly latency: {
    readonly histogram: string;
    /** Length of the histogram's unit: 1000 of seconds, 1 of milliseconds. */
    readonly unitMs: 1 | 1000;
    /** Counter of the sum of all latencies' squares, in the unit squared; absent: there is no standard deviation. */
    readonly squares?: string | undefined;
  };
}
