/** A sweep at its end, also at an early one, whoever made its load. */
export interface EndedSweep<Run> {
  /** Id of the sweep. */
  readonly run: string;
  readonly networkType: "local" | "remote";
  /** What the nodes ran as. */
  readonly runtime: "docker" | "process";
  /** Wall times, RFC 3339 UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Absent in a search: how many it takes shows on the way. */
  readonly plannedRuns?: number | undefined;
  /** The runs that finished, in order. */
  readonly runs: readonly Run[];
  /** Why it ended before its last run, in a line; absent where it did not. */
  readonly endedEarly?: string | undefined;
}

/** What the published form of every summary begins with, behind its schema. */
export function summaryStartJson(sweep: EndedSweep<unknown>) {
  return {
    run: sweep.run,
    network_type: sweep.networkType,
    runtime: sweep.runtime,
    started: sweep.startedAt,
    finished: sweep.finishedAt,
    planned_runs: sweep.plannedRuns,
    finished_runs: sweep.runs.length,
    ended_early: sweep.endedEarly,
  };
}
