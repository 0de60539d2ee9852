/** What a run has done so far. Pure. */
import type { SecondRow } from "../../../contracts/events.ts";
import { formatTps, nothingSeen } from "../../../results/report/text/figures.ts";
import { type Piece, sparkline } from "./layout.ts";

const counted = ["due", "sent", "acknowledged", "committed", "failed"] as const;
type Totals = Readonly<Record<(typeof counted)[number], number>>;

/** A second as rates. */
interface Rates {
  readonly dueTps: number;
  readonly completedTps: number;
  readonly p50Ms?: number | undefined;
  readonly p99Ms?: number | undefined;
}

export interface LoadState {
  /** Since the warm-up began. */
  readonly totals: Totals;
  /** The latest last. */
  readonly seconds: readonly Rates[];
}

export const nothingSent: LoadState = {
  totals: { due: 0, sent: 0, acknowledged: 0, committed: 0, failed: 0 },
  seconds: [],
};

/** Where a transaction's way ends: where commits cannot be observed, with its reply. */
export type Completion = "committed" | "acknowledged";

const shownSeconds = 20;

/** @param windowSecs a window that is no whole number of seconds ends a row, which is shorter then */
export function addSecond(
  { totals, seconds }: LoadState,
  row: SecondRow,
  { windowSecs, completion }: { readonly windowSecs: number; readonly completion: Completion },
): LoadState {
  const whole = Math.floor(row.second) + 1;
  const endSecs = row.second < windowSecs && windowSecs < whole ? windowSecs : whole;
  const lengthSecs = endSecs - row.second;
  const rates: Rates = {
    dueTps: row.due / lengthSecs,
    completedTps: row[completion] / lengthSecs,
    p50Ms: row.p50Ms,
    p99Ms: row.p99Ms,
  };
  const sums = counted.map((key) => [key, totals[key] + (row[key] ?? 0)]);
  return {
    totals: Object.fromEntries(sums) as Totals,
    seconds: [...seconds, rates].slice(-shownSeconds),
  };
}

/** Rates, latencies and the ledger so far, a row each; none before the first second is over. */
export function describeLoad({ totals, seconds }: LoadState, completion: Completion): readonly Piece[][] {
  const last = seconds.at(-1);
  if (last === undefined) return [];
  const { due, sent, acknowledged, committed, failed } = totals;
  // What failed may have been committed, and counts twice then.
  const outstanding = Math.max(0, due - totals[completion] - failed);
  return [
    [
      { text: `offered ${formatTps(last.dueTps)}` },
      { text: `${completion} ${formatTps(last.completedTps)}` },
      { text: sparkline(seconds.map(({ completedTps }) => completedTps)) },
    ],
    [
      { text: `p50 ${formatWholeMs(last.p50Ms)}` },
      { text: `p99 ${formatWholeMs(last.p99Ms)}` },
      { text: sparkline(seconds.map(({ p99Ms }) => p99Ms)) },
    ],
    [
      { text: `sent ${sent}` },
      { text: `acknowledged ${acknowledged}` },
      ...(completion === "committed" ? [{ text: `committed ${committed}` }] : []),
      { text: `failed ${failed}`, colour: failed > 0 ? "red" : undefined },
      { text: `outstanding ${outstanding}` },
    ],
  ];
}

/** For the one line of a small terminal. */
export function describeLastSecond({ seconds }: LoadState, completion: Completion): Piece[] {
  const last = seconds.at(-1);
  if (last === undefined) return [];
  return [
    { text: `${formatTps(last.completedTps)} ${completion}` },
    { text: `p99 ${formatWholeMs(last.p99Ms)}` },
  ];
}

function formatWholeMs(ms: number | undefined): string {
  return ms === undefined ? nothingSeen : `${ms.toFixed(0)} ms`;
}
