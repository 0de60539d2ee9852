/** Commits of one client's transactions, as one node showed them in one block. */
export interface CommitBatch {
  /** Place of the node in the plan's targets. */
  readonly target: number;
  /** When the block had been read, on the machine's monotonic clock. */
  readonly seenMs: number;
  readonly sequences: Float64Array;
}

/** Who takes a client's commits. */
export interface CommitSink {
  readonly commits: (batch: CommitBatch) => void;
  /**
   * All that was seen up to this time has been told; comes again and again, with times that never fall. Infinity, once:
   * whatever is seen will be told at once, by the thread that runs the client.
   */
  readonly watermark: (upToMs: number) => void;
}
