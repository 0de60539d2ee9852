import { isMainThread } from "node:worker_threads";
import type { Clock } from "../../core/clock.ts";
import type { PacingMode } from "../plan/client-plan.ts";

/** Longest time between two turns: transports and clocks are looked after at least this often. */
const longestWaitMs = 50;
/** A timer fires up to about this much late; closer than twice that, only turning the event loop over is exact. */
const timerSlackMs = 1;
/**
 * So long a thread that turns its event loop over looks at the clock alone, between two looks for replies: turns cost
 * system calls and garbage, whose collection would make others late.
 */
const spinMs = 0.01;
/** Longest sleep of `balanced`, in which no reply is read. */
const napMs = 0.1;

export interface TurnLoopRequest {
  readonly mode: PacingMode;
  readonly clock: Clock;
  /** Does what is to be done. @returns when the next turn is wanted, on the monotonic clock; undefined to end the loop */
  readonly take: (nowMs: number) => number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Takes turns of the event loop, so that replies are read in between, each as close to its time as the mode allows.
 * What it costs is by turns, not by transactions: no promise and no timer is made for one that is due at once.
 */
export class TurnLoop {
  readonly #request: TurnLoopRequest;
  readonly #spins: boolean;
  readonly #naps: boolean;
  readonly #nap = new Int32Array(new SharedArrayBuffer(4));
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #end: PromiseWithResolvers<void> | undefined;
  /** The next turn cannot come before it. */
  #expectedMs = Number.NaN;

  constructor(request: TurnLoopRequest) {
    this.#request = request;
    this.#spins = request.mode !== "eco";
    // On a main thread others would sleep with it.
    this.#naps = request.mode === "balanced" && !isMainThread;
  }

  /** Begins, and ends with `take`, or with what it throws, or with the signal's reason. */
  async run(): Promise<void> {
    const { signal, clock } = this.#request;
    signal.throwIfAborted();
    const end = Promise.withResolvers<void>();
    this.#end = end;
    const onAbort = () => this.#stop(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      this.#expectedMs = clock.monotonicMs();
      this.#immediate = setImmediate(this.#turn);
      await end.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** How much later than asked for this turn comes; for use in `take`. */
  lateMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#expectedMs);
  }

  /** The next turn is wanted at once: something happened in between. */
  wake(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#immediate = setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#timer = undefined;
    this.#immediate = undefined;
    const { take, clock } = this.#request;
    try {
      const beganMs = clock.monotonicMs();
      const wantedMs = take(beganMs);
      // What the turn itself takes counts as late as well: nothing else was served in it.
      this.#expectedMs = beganMs;
      if (wantedMs === undefined) this.#end?.resolve();
      else if (this.#end !== undefined) this.#wait(wantedMs, beganMs);
    } catch (error) {
      this.#stop(error);
    }
  };

  #wait(wantedMs: number, beganMs: number): void {
    const nowMs = this.#request.clock.monotonicMs();
    const ms = wantedMs - nowMs;
    if (ms > 2 * timerSlackMs || !(this.#spins || ms <= 0)) {
      // Sooner by the slack where the rest is spun away; else not before the millisecond is over.
      const wholeMs = Math.floor(this.#spins ? ms - timerSlackMs : ms);
      const waitMs = Math.min(Math.max(1, wholeMs), longestWaitMs);
      this.#expectedMs += waitMs;
      this.#timer = setTimeout(this.#turn, waitMs);
      return;
    }
    if (ms > 0 && this.#naps) Atomics.wait(this.#nap, 0, 0, Math.min(ms, napMs));
    else if (ms > 0) this.#spinUntil(Math.min(Math.max(wantedMs, beganMs + spinMs), nowMs + spinMs));
    this.#immediate = setImmediate(this.#turn);
  }

  #spinUntil(endMs: number): void {
    const { clock } = this.#request;
    while (clock.monotonicMs() < endMs);
  }

  #stop(reason: unknown): void {
    clearTimeout(this.#timer);
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#end?.reject(reason);
    this.#end = undefined;
  }
}
