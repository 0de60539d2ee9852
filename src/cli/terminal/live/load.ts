/** What a run has done so far. */
import type { SecondRow } from "../../../contracts/events.ts";
import { formatTps, nothingSeen } from "../../../results/report/text/figures.ts";
import { type Piece, sparkline } from "./layout.ts";

/** A second as rates. */
interface Rates extends Pick<SecondRow, "p50Ms" | "p99Ms"> {
  readonly dueTps: number;
  readonly completedTps: number;
}

/** Where a transaction's way ends: where commits cannot be observed, with its reply. */
export type Completion = "committed" | "acknowledged";

const counted = ["due", "sent", "acknowledged", "committed", "failed"] as const;
const shownSeconds = 20;

export class LoadView {
  readonly #completion: Completion;
  /** Since the warm-up began. */
  readonly #totals = { due: 0, sent: 0, acknowledged: 0, committed: 0, failed: 0 };
  /** The latest last. */
  #seconds: readonly Rates[] = [];

  constructor(completion: Completion) {
    this.#completion = completion;
  }

  /** @param windowSecs a window that is no whole number of seconds ends a row, which is shorter then */
  add(row: SecondRow, windowSecs: number): void {
    const whole = Math.floor(row.second) + 1;
    const endSecs = row.second < windowSecs && windowSecs < whole ? windowSecs : whole;
    const lengthSecs = endSecs - row.second;
    const [dueTps, completedTps] = [row.due / lengthSecs, row[this.#completion] / lengthSecs];
    this.#seconds = [...this.#seconds, { ...row, dueTps, completedTps }].slice(-shownSeconds);
    for (const key of counted) this.#totals[key] += row[key] ?? 0;
  }

  /** Rates, latencies and the ledger so far, a row each; none before the first second is over. */
  rows(): readonly Piece[][] {
    const last = this.#seconds.at(-1);
    if (last === undefined) return [];
    const { due, sent, acknowledged, committed, failed } = this.#totals;
    // What failed may have been committed, and counts twice then.
    const outstanding = Math.max(0, due - this.#totals[this.#completion] - failed);
    return [
      [
        { text: `offered ${formatTps(last.dueTps)}` },
        { text: `${this.#completion} ${formatTps(last.completedTps)}` },
        { text: sparkline(this.#seconds.map(({ completedTps }) => completedTps)) },
      ],
      [
        { text: `p50 ${formatWholeMs(last.p50Ms)}` },
        { text: `p99 ${formatWholeMs(last.p99Ms)}` },
        { text: sparkline(this.#seconds.map(({ p99Ms }) => p99Ms)) },
      ],
      [
        { text: `sent ${sent}` },
        { text: `acknowledged ${acknowledged}` },
        ...(this.#completion === "committed" ? [{ text: `committed ${committed}` }] : []),
        { text: `failed ${failed}`, colour: failed > 0 ? "red" : undefined },
        { text: `outstanding ${outstanding}` },
      ],
    ];
  }

  /** For the one line of a small terminal. */
  lastSecond(): Piece[] {
    const last = this.#seconds.at(-1);
    if (last === undefined) return [];
    return [
      { text: `${formatTps(last.completedTps)} ${this.#completion}` },
      { text: `p99 ${formatWholeMs(last.p99Ms)}` },
    ];
  }
}

function formatWholeMs(ms: number | undefined): string {
  return ms === undefined ? nothingSeen : `${ms.toFixed(0)} ms`;
}
