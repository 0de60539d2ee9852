/** What a search for the highest sustained load was asked for, and what it found. */

/** The terms on which a load counts as sustained, and where it is looked for. */
export interface SearchSettings {
  /** The lowest load, with which it begins. */
  readonly fromTps: number;
  /** The highest load that is tried. */
  readonly toTps: number;
  /** It ends when a load that is not sustained is at most this share above a sustained one. */
  readonly precisionRatio: number;
  /** Least throughput / offered load. */
  readonly efficiencyRatio: number;
  /** Highest p99 of the headline latency; undefined: any. */
  readonly latencyMs?: number | undefined;
  /** Fastest growth of the backlog, as a share of the offered load. */
  readonly backlogGrowthRatio: number;
}

/**
 * sustained: within all terms. not-sustained: beyond one, and the network's doing. generator-limited: beyond one, and
 * nobody knows whose doing. invalid: nothing can be said of this load.
 */
export type ProbeStatus = "sustained" | "not-sustained" | "generator-limited" | "invalid";

/** A run of a search, judged. */
export interface JudgedProbe {
  readonly benchmarkNumber: number;
  readonly loadTps: number;
  readonly status: ProbeStatus;
  /** A sentence each, with the figure and its limit; empty for sustained. */
  readonly reasons: readonly string[];
}

/**
 * found: between a sustained load and one that is not, as near as was asked. generator-limit: as near, but what ended it
 * was the load generator. upper-bound: the highest load that was to be tried is sustained. none: not even the lowest is.
 * stopped: two runs of one load said nothing. unfinished: the sweep ended first.
 */
export type SearchOutcome = "found" | "generator-limit" | "upper-bound" | "none" | "stopped" | "unfinished";

export interface SearchReport {
  readonly terms: SearchSettings;
  readonly outcome: SearchOutcome;
  /** The highest load that was seen sustained. */
  readonly sustainedTps?: number | undefined;
  /** The lowest load that was not, or at which the load generator was the limit. */
  readonly beyondTps?: number | undefined;
  /** The probed load at which throughput / mean headline latency is largest. */
  readonly kneeTps?: number | undefined;
  /** In the order of the runs. */
  readonly probes: readonly JudgedProbe[];
}
