/** Whether the nodes of a run hold the same chain, and how old blocks were when they were first seen. */
import type { NodeName } from "../nodes/node.ts";

/** What a node shows at a height. */
export interface ShownBlock {
  readonly node: NodeName;
  readonly fingerprint: string;
}

/** Two nodes showed different blocks at one height. */
export interface Fork {
  readonly height: number;
  /** during: while the nodes' commits were watched; after: when the blocks were asked for after the run. */
  readonly seen: "during" | "after";
  /** By every node that showed a block there. */
  readonly shown: readonly ShownBlock[];
  /** Why it could not be followed down to where the chains part, which may be lower; absent where it was, or nobody tried. */
  readonly notFollowed?: string | undefined;
}

/** Whether all nodes hold the same committed prefix, as far as it was seen. */
export interface SafetyReport {
  /** Heights at which every watched node showed the same block while the run went on. */
  readonly comparedHeights: number;
  /** Other heights of the run: by its end not every node had shown its block there, or there is a fork. */
  readonly uncomparedHeights: number;
  /** Of the latter: the nodes of `prefix` were asked after the run, and showed the same. */
  readonly comparedAfterwards: number;
  /** Highest height at which blocks were asked for after the run, and all were the same; absent from fewer than two nodes, and where a fork is known at or below it. */
  readonly prefix?: AgreedPrefix | undefined;
  /** Nodes that were not asked after the run, or did not say, and why. */
  readonly notAsked: readonly { readonly node: NodeName; readonly reason: string }[];
  /** Lowest heights first, at most ten. Any makes the run invalid. */
  readonly forks: readonly Fork[];
}

/** A height at which nodes show the same block. */
export interface AgreedPrefix {
  readonly height: number;
  readonly fingerprint: string;
  readonly nodes: readonly NodeName[];
  /** The block names all those before it, as the protocol says: the nodes hold the same from the first height on. */
  readonly chained: boolean;
}

/**
 * Seen here minus the block's own time, for blocks first seen within the window at any node: the difference of two
 * machines' clocks, so it may be negative, and means something only where it is larger than the clocks' error. No
 * latency depends on it.
 */
export interface BlockAge {
  readonly count: number;
  /** Of those: seen before their own time. They stand in all figures. */
  readonly negative: number;
  /** Absent where there is none. Quantiles are nearest-rank. */
  readonly minMs?: number | undefined;
  readonly p50Ms?: number | undefined;
  readonly p99Ms?: number | undefined;
  readonly maxMs?: number | undefined;
  /** Exact. */
  readonly meanMs?: number | undefined;
}
