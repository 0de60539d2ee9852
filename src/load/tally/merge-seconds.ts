import { largest } from "../../core/numbers/quantile.ts";
import { Histogram } from "../../metrics/stats/histogram.ts";
import type { SecondCount, SecondTally } from "./second-tally.ts";

/**
 * Puts together what several sessions tell of the same rows. Each session tells its rows in order; a row is complete once
 * every session that has not left has told it, or a later one.
 */
export class SecondMerger<Session> {
  readonly #onRow: (row: SecondTally) => void;
  readonly #reported: Map<Session, SecondTally[]>;
  readonly #gone = new Set<Session>();

  constructor(sessions: readonly Session[], onRow: (row: SecondTally) => void) {
    this.#reported = new Map(sessions.map((session) => [session, []]));
    this.#onRow = onRow;
  }

  notify(session: Session, row: SecondTally): void {
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

/**
 * Counts are added up, histograms merged, and of what each saw of itself the worst one's stands, since each has a
 * thread of its own. Parties end at different times, so the last row of one may be shorter than another's.
 */
function mergeRows(tallies: readonly SecondTally[]): SecondTally {
  const [first] = tallies;
  if (first !== undefined && tallies.length === 1) return first;
  const total = (what: SecondCount) => tallies.reduce((sum, { counts }) => sum + counts[what], 0);
  return {
    startSecs: Math.min(...tallies.map(({ startSecs }) => startSecs)),
    lengthSecs: Math.max(...tallies.map(({ lengthSecs }) => lengthSecs)),
    counts: {
      due: total("due"),
      sent: total("sent"),
      acknowledged: total("acknowledged"),
      committed: total("committed"),
      failed: total("failed"),
    },
    latency: merged(tallies.map((tally) => tally.latency)),
    lateness: merged(tallies.map((tally) => tally.lateness)),
    self: worstOf(tallies.map(({ self }) => self)),
  };
}

/** Figure by figure the largest, where each has a thread of its own. */
export function worstOf<T extends { readonly [K in keyof T]: number | undefined }>(all: readonly T[]): T {
  const figures = new Set(all.flatMap((one) => Object.keys(one) as (keyof T)[]));
  const worst = [...figures].map((figure) => [figure, largest(all.map((one) => one[figure]))] as const);
  return Object.fromEntries(worst) as T;
}

function merged(histograms: readonly Histogram[]): Histogram {
  const all = new Histogram();
  for (const one of histograms) all.merge(one);
  return all;
}
