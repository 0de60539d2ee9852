import { setImmediate as nextTurn } from "node:timers/promises";
import type { Emit } from "../../contracts/events.ts";
import { delay } from "../../core/async.ts";
import type { Clock } from "../../core/clock.ts";
import type { ClientPlan } from "../client-plan.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { GeneratorSummary } from "../generator/generator-watch.ts";
import type { SecondRows } from "../tally/seconds.ts";
import type { Tally } from "../tally/tally.ts";
import type { Pacer } from "./pacer.ts";
import type { StandstillWatch } from "./standstill.ts";

/** Longest wait of the loop: seconds are closed and clocks compared at least this often. */
const longestWaitMs = 100;
const drainWaitMs = 10;
/** A timer fires up to about this much late; closer than that, only turning the event loop over is exact. */
const timerSlackMs = 1;
/** Due transactions that are sent in one turn, so that replies are read, and stamped, in between. */
const sendsPerTurn = 64;

/** The parts of a client at work. Times without a name of their own are on the monotonic clock. */
export interface Run {
  readonly plan: ClientPlan;
  readonly pacer: Pacer;
  readonly tally: Tally;
  readonly dispatcher: Dispatcher;
  readonly seconds: SecondRows;
  readonly standstills: StandstillWatch;
  readonly summary: GeneratorSummary;
  readonly windowStartMs: number;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Offers every transaction to the dispatcher when it is due. */
export class Sending {
  readonly #run: Run;
  /** At high rates transactions are sent a millisecond's worth at a time: turning the loop over for each costs a core. */
  readonly #spinMs: number;
  readonly #turns: Turns;
  #next = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#spinMs = Math.min(timerSlackMs, 1000 / run.plan.rateTps / 4);
    this.#turns = new Turns(run);
  }

  /** Goes on until `endMs`, and until all that is due before it was offered. */
  async until(endMs: number): Promise<void> {
    const { pacer, clock, signal, seconds, windowStartMs } = this.#run;
    for (;;) {
      signal.throwIfAborted();
      const nowMs = this.#turns.begin();
      const caughtUp = this.#offerDue(Math.min(nowMs, endMs) - windowStartMs, nowMs);
      if (caughtUp) seconds.closeUpTo(Math.min(nowMs, endMs) - windowStartMs);
      if (caughtUp && nowMs >= endMs) return;
      const nextMs = Math.min(windowStartMs + pacer.dueMs(this.#next), endMs);
      await this.#wait(nextMs - clock.monotonicMs());
    }
  }

  /** @returns whether nothing is left that is due by then, in milliseconds from the start of the window */
  #offerDue(upToMs: number, nowMs: number): boolean {
    const { pacer, tally, dispatcher } = this.#run;
    for (let turn = 0; turn < sendsPerTurn; turn++) {
      const dueMs = pacer.dueMs(this.#next);
      if (dueMs > upToMs) return true;
      const sequence = this.#next++;
      if (tally.admit(sequence, dueMs, nowMs)) dispatcher.offer(sequence, nowMs);
    }
    return false;
  }

  async #wait(ms: number): Promise<void> {
    if (ms > this.#spinMs) {
      const beforeSlackMs = Math.floor(ms - Math.min(timerSlackMs, this.#spinMs * 2));
      const waitMs = Math.min(Math.max(1, beforeSlackMs), longestWaitMs);
      this.#turns.asks(waitMs);
      await delay(waitMs, this.#run.signal);
    } else {
      await nextTurn();
    }
  }
}

/** The turns of the event loop that a client takes, and how much later than asked each one comes. */
class Turns {
  readonly #run: Run;
  #expectedMs: number;

  constructor(run: Run) {
    this.#run = run;
    this.#expectedMs = run.clock.monotonicMs();
  }

  /** @returns the time */
  begin(): number {
    const { clock, standstills, seconds, windowStartMs } = this.#run;
    standstills.look();
    const nowMs = clock.monotonicMs();
    // What the turn before took counts as well: nothing else was served in it.
    seconds.loopDelay(Math.max(0, nowMs - this.#expectedMs), nowMs - windowStartMs);
    this.#expectedMs = nowMs;
    return nowMs;
  }

  /** It is to come no sooner than after this time. */
  asks(waitMs: number): void {
    this.#expectedMs += waitMs;
  }
}

/** Waits until nothing is outstanding, at most until `endMs`. @returns when it ended */
export async function drain(run: Run, endMs: number): Promise<number> {
  const { tally, seconds, signal, windowStartMs } = run;
  const turns = new Turns(run);
  for (;;) {
    signal.throwIfAborted();
    const nowMs = turns.begin();
    seconds.closeUpTo(nowMs - windowStartMs);
    if (tally.outstanding === 0 || nowMs >= endMs) return nowMs;
    const waitMs = Math.min(drainWaitMs, Math.max(1, endMs - nowMs));
    turns.asks(waitMs);
    await delay(waitMs, signal);
  }
}
