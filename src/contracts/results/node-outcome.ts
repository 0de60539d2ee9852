/** What became of one node in a run. */
export interface NodeOutcome {
  readonly name: string;
  readonly exitedUnasked: boolean;
  /** CPU seconds used between start and end of the window; absent where not to be had, as of a node that crashed. */
  readonly cpuSecs?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly height?: number | undefined;
}
