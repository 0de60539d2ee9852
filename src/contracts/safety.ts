import type { NodeName } from "./deployment.ts";

/** Two nodes showed different blocks at one height. */
export interface Fork {
  readonly height: number;
  /** What each node that was asked shows there. */
  readonly fingerprints: Readonly<Record<NodeName, string>>;
}

/** Whether all nodes hold the same committed prefix, as far as it was seen. */
export interface SafetyReport {
  /** Heights at which every watched node showed the same block while the run went on. */
  readonly comparedHeights: number;
  /** Heights that not every watched node had shown by the end of the run. */
  readonly uncomparedHeights: number;
  /** The block at the highest height that every answering node held after the run; absent where fewer than two answered. */
  readonly prefix?:
    | {
        readonly height: number;
        readonly fingerprint: string;
        readonly nodes: readonly NodeName[];
      }
    | undefined;
  /** Lowest heights first, at most ten. Any makes the run invalid. */
  readonly forks: readonly Fork[];
}
