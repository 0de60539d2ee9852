import type { SecondRow } from "../../contracts/events.ts";

/** Whole seconds from which on a slope says anything. */
const fewestSeconds = 3;

/**
 * How the backlog develops: the transactions that are due and not yet completed, lost ones among them. A network that
 * keeps up holds as many of them as come in during its latency, and their number stays; beyond its capacity it grows
 * by what is too much, each second. Takes the rows of a run in order, from its first second, and holds a few sums.
 */
export class BacklogTrend {
  readonly #completion: "committed" | "acknowledged";
  readonly #windowSecs: number;
  #backlog = 0;
  #seconds = 0;
  #meanSecond = 0;
  #meanBacklog = 0;
  #squares = 0;
  #products = 0;
  #backlogSquares = 0;

  /** @param completion what ends a transaction: acknowledged, where commits cannot be observed */
  constructor(completion: "committed" | "acknowledged", windowSecs: number) {
    this.#completion = completion;
    this.#windowSecs = windowSecs;
  }

  add(row: Pick<SecondRow, "second" | "due" | "committed" | "acknowledged">): void {
    this.#backlog += row.due - row[this.#completion];
    if (row.second < 0 || row.second + 1 > this.#windowSecs) return;
    // Welford's way to sums of squares and products: differences of large sums would lose their digits.
    this.#seconds++;
    const fromMean = row.second - this.#meanSecond;
    this.#meanSecond += fromMean / this.#seconds;
    const fromMeanBacklog = this.#backlog - this.#meanBacklog;
    this.#meanBacklog += fromMeanBacklog / this.#seconds;
    this.#backlogSquares += fromMeanBacklog * (this.#backlog - this.#meanBacklog);
    this.#squares += fromMean * (row.second - this.#meanSecond);
    this.#products += fromMean * (this.#backlog - this.#meanBacklog);
  }

  /**
   * The least-squares slope of the backlog at the end of each whole second of the window, as a share of the offered
   * load: 0.2 where a fifth of it stays behind.
   *
   * @returns undefined for a window without three whole seconds
   */
  growthRatio(loadTps: number): number | undefined {
    return this.#seconds < fewestSeconds ? undefined : this.#products / this.#squares / loadTps;
  }

  /** Standard error of that slope, from the residuals, as a share of the offered load as well. */
  growthErrorRatio(loadTps: number): number | undefined {
    if (this.#seconds < fewestSeconds) return undefined;
    const residuals = Math.max(0, this.#backlogSquares - this.#products ** 2 / this.#squares);
    return Math.sqrt(residuals / (this.#seconds - 2) / this.#squares) / loadTps;
  }
}
