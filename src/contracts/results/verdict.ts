export type VerdictStatus = "valid" | "generator-limited" | "invalid";

export interface Verdict {
  readonly status: VerdictStatus;
  /** A sentence each, with the figures and the limit; empty for valid. */
  readonly reasons: readonly string[];
}
