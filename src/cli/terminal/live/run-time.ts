/** Where a run is, and how long it and its sweep still take. */
import type { EventBody } from "../../../contracts/events.ts";
import type { PhaseLengths } from "../../../load/level/phases.ts";
import type { PlannedRun } from "../../../results/analysis/schedule/schedule.ts";
import { formatAsked, formatDuration } from "../../../results/report/text/figures.ts";

export interface SweepTimes {
  /** All runs; absent in a search, where nobody knows them. */
  readonly planned?: readonly PlannedRun[] | undefined;
  readonly lengths: (loadTps: number) => Pick<PhaseLengths, "warmUpSecs" | "windowSecs">;
  /** The drain is at most so long. */
  readonly drainSecs: number;
}

type BodyOf<Type extends EventBody["type"]> = Extract<EventBody, { readonly type: Type }>;
type Phase = "deploying" | "opening" | BodyOf<"load-phase">["phase"] | "ending";

export class RunTime {
  readonly created: BodyOf<"run-created">;
  readonly windowSecs: number;
  readonly #times: SweepTimes;
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

  constructor(created: BodyOf<"run-created">, times: SweepTimes, nowMs: number) {
    this.created = created;
    this.windowSecs = times.lengths(created.loadTps).windowSecs;
    this.#times = times;
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
      this.#windowFromMs = nowMs + this.#times.lengths(this.created.loadTps).warmUpSecs * 1000;
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
        return `waiting for outstanding transactions, ${secs} of at most ${formatAsked(this.#times.drainSecs)} s`;
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
    const { warmUpSecs, windowSecs } = this.#times.lengths(loadTps);
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
    const later = this.#times.planned?.filter(({ benchmarkNumber }) => benchmarkNumber > own) ?? [];
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
