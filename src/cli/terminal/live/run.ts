/** Where a run is, and what it has done so far. */

import type { EventBody, SecondRow } from "../../../contracts/events.ts";
import type { Piece } from "../../../core/text/foreign-text.ts";
import type { PhaseLengths } from "../../../load/level/phases.ts";
import type { PlannedRun } from "../../../results/analysis/schedule/schedule.ts";
import { formatAsked, formatDuration, formatTps, nothingSeen } from "../../../results/report/text/figures.ts";
import { sparkline } from "./layout.ts";

/** What the view knows of a sweep before it begins. */
export interface LiveSweep {
  /** All runs; absent in a search, where nobody knows them. */
  readonly planned?: readonly PlannedRun[] | undefined;
  readonly lengths: (loadTps: number) => Pick<PhaseLengths, "warmUpSecs" | "windowSecs">;
  /** The drain is at most so long. */
  readonly drainSecs: number;
  /** Names of the committee's. */
  readonly nodes: readonly string[];
  readonly completion: Completion;
  readonly keepNetwork: boolean;
}

type BodyOf<Type extends EventBody["type"]> = Extract<EventBody, { readonly type: Type }>;
type Phase = "deploying" | "opening" | BodyOf<"load-phase">["phase"] | "ending";

/** Where a run is, and how long it and its sweep still take. */
export class RunTime {
  readonly created: BodyOf<"run-created">;
  readonly windowSecs: number;
  readonly #sweep: LiveSweep;
  readonly #createdMs: number;
  #phase: Phase = "deploying";
  /** When the phase began. */
  #sinceMs: number;
  /** Of a client that makes its transactions before the run, the latest to say so. */
  #made: BodyOf<"transactions-made"> | undefined;
  /** When the warm-up began. */
  #loadFromMs: number | undefined;
  /** When the window begins or began. */
  #windowFromMs: number | undefined;

  constructor(created: BodyOf<"run-created">, sweep: LiveSweep, nowMs: number) {
    this.created = created;
    this.windowSecs = sweep.lengths(created.loadTps).windowSecs;
    this.#sweep = sweep;
    this.#createdMs = nowMs;
    this.#sinceMs = nowMs;
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase, nowMs: number): void {
    if (this.#phase !== phase) this.#sinceMs = nowMs;
    this.#phase = phase;
  }

  observe(event: EventBody, nowMs: number): void {
    if (event.type === "run-started") this.enter("opening", nowMs);
    if (event.type === "transactions-made") this.#made = event;
    if (event.type !== "load-phase") return;
    this.enter(event.phase, nowMs);
    if (event.phase === "warm-up") {
      this.#loadFromMs = nowMs;
      this.#windowFromMs = nowMs + this.#sweep.lengths(this.created.loadTps).warmUpSecs * 1000;
    }
    if (event.phase === "window") this.#windowFromMs = nowMs - (event.lateMs ?? 0);
  }

  /** "measuring 12 of 60 s" */
  describe(nowMs: number): string {
    const secs = Math.max(0, Math.floor((nowMs - this.#sinceMs) / 1000));
    const made = this.#made;
    switch (this.#phase) {
      case "deploying":
        return `deploying, ${formatDuration(secs)}`;
      case "opening":
        return made === undefined
          ? "opening the clients"
          : `making transactions, ${made.made} of ${made.of} of a client`;
      case "warm-up":
        return "warming up";
      case "window":
        return `measuring ${Math.min(secs, Math.floor(this.windowSecs))} of ${formatAsked(this.windowSecs)} s`;
      case "drain":
        return `waiting for outstanding transactions, ${secs} of at most ${formatAsked(this.#sweep.drainSecs)} s`;
      case "done":
        return "collecting";
      case "ending":
        return `cleaning up, ${formatDuration(secs)}`;
    }
  }

  /** To the end of the window, seconds; undefined where that is over, or nobody knows its beginning. */
  leftSecs(nowMs: number): number | undefined {
    const isLoaded = this.#phase === "warm-up" || this.#phase === "window";
    if (this.#windowFromMs === undefined || !isLoaded) return undefined;
    return Math.max(0, Math.ceil((this.#windowFromMs + this.windowSecs * 1000 - nowMs) / 1000));
  }

  /** What it took besides warm-up and window. */
  overheadMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#createdMs - this.#loadSecs(this.created.loadTps) * 1000);
  }

  #loadSecs(loadTps: number): number {
    const { warmUpSecs, windowSecs } = this.#sweep.lengths(loadTps);
    return warmUpSecs + windowSecs;
  }

  /**
   * To the end of the last run, about. What runs take besides warm-up and window is taken from those that ended, before
   * the first end from what the first took until its load began.
   * @param overheadsMs of those that ended
   * @returns undefined where no run is left, nobody knows how many there will be, or nothing tells how long a start takes
   */
  sweepLeftSecs(overheadsMs: readonly number[], nowMs: number): number | undefined {
    const { benchmarkNumber: own, loadTps } = this.created;
    const later = this.#sweep.planned?.filter(({ benchmarkNumber }) => benchmarkNumber > own) ?? [];
    const started = this.#loadFromMs === undefined ? [] : [this.#loadFromMs - this.#createdMs];
    const seen = overheadsMs.length > 0 ? overheadsMs : started;
    if (later.length === 0 || seen.length === 0) return undefined;
    const perRunSecs = seen.reduce((sum, ms) => sum + ms, 0) / seen.length / 1000;
    const lengthSecs = (load: number) => this.#loadSecs(load) + perRunSecs;
    const goneSecs = (nowMs - this.#createdMs) / 1000;
    const ownSecs = this.#phase === "ending" ? 0 : Math.max(0, lengthSecs(loadTps) - goneSecs);
    return later.reduce((sum, run) => sum + lengthSecs(run.loadTps), ownSecs);
  }
}

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
