/** A segment in which a client itself stood still (the machine slept, the process was stopped). */
export interface Stall {
  /** Seconds since the start of the window. */
  readonly atSecs: number;
  readonly lengthMs: number;
  /** asleep: wall time ran ahead of monotonic time; stopped: the process got no time; clock-step: wall time jumped. */
  readonly cause: "asleep" | "stopped" | "clock-step";
}

/** Clients that ended, or were not heard of any more, before their run did: what they sent is known to nobody. */
export interface LostClients {
  /** Their names. */
  readonly clients: readonly string[];
  /** "coordinator", or the name of a host. */
  readonly host: string;
  /** Seconds since the start of the window; negative before it. */
  readonly atSecs: number;
  /** That many transactions they were to send in the window; 0 in a closed loop, which has no schedule. */
  readonly windowTransactions: number;
  readonly reason: string;
}

/**
 * What a run's verdict rests on besides its figures. It is kept with them, so that whoever reads a run can judge it
 * again and come to the same verdict, reasons included.
 */
export interface RunEvidence {
  /** Transactions that the plan had due in the window. */
  readonly windowTransactions: number;
  /** Ends that were not asked for. */
  readonly nodeExits: readonly {
    readonly node: string;
    readonly exitCode: number | null;
    readonly signal: string | null;
  }[];
  /** Observers that lost their place, of nodes that were not down on purpose at the end. */
  readonly observerFailures: readonly { readonly node: string; readonly reason: string }[];
  readonly stalls: readonly Stall[];
  /** The in-flight cap kept a due transaction waiting while its node still answered. */
  readonly inFlightCapReached: boolean;
  /** Absent: none. */
  readonly lostClients?: readonly LostClients[] | undefined;
}
