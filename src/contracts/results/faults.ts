/** One thing that was done to one node on purpose. Times are seconds since the start of the window. */
export interface FaultRecord {
  readonly node: string;
  readonly action: "crash" | "recover";
  /** When the schedule has it. */
  readonly askedSecs: number;
  /** When it was ordered: later where the nodes before it were not back yet; absent where it never was. */
  readonly issuedSecs?: number | undefined;
  /** A recovered node answered for the first time. */
  readonly answersSecs?: number | undefined;
  /**
   * crash: the node had ended, and its RPC refused. recover: the node had caught up, that is, it said so and its height
   * had reached the highest of the others when it first answered. Seen by asking every few hundredths of a second.
   */
  readonly effectiveSecs?: number | undefined;
  /** Why it was not carried out; makes the run invalid. */
  readonly failure?: string | undefined;
}

/** A fault, and when the committee was next seen to commit: after a crash took effect, or a recovery was ordered. */
export interface FaultOutcome extends FaultRecord {
  readonly firstCommitSecs?: number | undefined;
}
