import { Histogram } from "../../metrics/stats/histogram.ts";
import { largest } from "../../metrics/stats/largest.ts";
import type { SecondCount, SecondTally, SelfSeen } from "./second-tally.ts";

/** What was seen in the time of one row. */
export interface TimedTally extends SecondTally {
  /** Of the row, from the start of the window. */
  readonly startSecs: number;
  readonly lengthSecs: number;
}

/**
 * Puts together what several sessions tell of the same rows. Each session tells its rows in order; a row is complete once
 * every session that has not left has told it, or a later one.
 */
export class SecondMerger<Session> {
  readonly #onRow: (row: TimedTally) => void;
  readonly #reported: Map<Session, TimedTally[]>;
  readonly #gone = new Set<Session>();

  constructor(sessions: readonly Session[], onRow: (row: TimedTally) => void) {
    this.#reported = new Map(sessions.map((session) => [session, []]));
    this.#onRow = onRow;
  }

  notify(session: Session, row: TimedTally): void {
    this.#reported.get(session)?.push(row);
    this.#release();
  }

  /** It will tell nothing more. */
  leave(session: Session): void {
    this.#gone.add(session);
    this.#release();
  }

  #release(): void {
    for (;;) {
      const queues = [...this.#reported].filter(
        ([session, rows]) => rows.length > 0 || !this.#gone.has(session),
      );
      const first = Math.min(...queues.map(([, rows]) => rows[0]?.startSecs ?? Number.NEGATIVE_INFINITY));
      if (!Number.isFinite(first)) return;
      const rows = queues.flatMap(([, reported]) =>
        reported[0]?.startSecs === first ? (reported.shift() ?? []) : [],
      );
      this.#onRow(mergeRows(rows));
    }
  }
}

/** Parties end at different times, so the last row of one may be shorter than another's. */
function mergeRows(rows: readonly TimedTally[]): TimedTally {
  const [first] = rows;
  if (first !== undefined && rows.length === 1) return first;
  return {
    startSecs: Math.min(...rows.map(({ startSecs }) => startSecs)),
    lengthSecs: Math.max(...rows.map(({ lengthSecs }) => lengthSecs)),
    ...mergeTallies(rows),
  };
}

/**
 * Counts are added up, histograms merged, and of what each saw of itself the worst one's stands, since each has a
 * thread of its own.
 */
function mergeTallies(tallies: readonly SecondTally[]): SecondTally {
  const total = (what: SecondCount) => tallies.reduce((sum, { counts }) => sum + counts[what], 0);
  const worst = (what: keyof SelfSeen) => largest(tallies.map(({ self }) => self[what]));
  return {
    counts: {
      due: total("due"),
      sent: total("sent"),
      acknowledged: total("acknowledged"),
      committed: total("committed"),
      failed: total("failed"),
    },
    latency: merged(tallies.map((tally) => tally.latency)),
    lateness: merged(tallies.map((tally) => tally.lateness)),
    self: {
      loopDelayMaxMs: worst("loopDelayMaxMs"),
      cpuRatio: worst("cpuRatio"),
      gcPauseMs: worst("gcPauseMs"),
    },
  };
}

function merged(histograms: readonly Histogram[]): Histogram {
  const all = new Histogram();
  for (const one of histograms) all.merge(one);
  return all;
}
