import { setImmediate as nextTurn } from "node:timers/promises";
import type { Emit } from "../contracts/events.ts";
import type { Protocol } from "../contracts/protocol.ts";
import { delay } from "../core/async.ts";
import type { Clock } from "../core/clock.ts";
import { checkPlan } from "./check-plan.ts";
import type { ClientPlan, ClientReport } from "./client-plan.ts";
import { CommitWatch } from "./commit-watch.ts";
import { Dispatcher } from "./dispatcher.ts";
import { buildPacer, type Pacer } from "./pacer.ts";
import { SecondRows } from "./seconds.ts";
import { StandstillWatch } from "./standstill.ts";
import { Tally } from "./tally.ts";

export interface ClientOptions {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** What a client must know of the system under test. */
export type ClientProtocol = Pick<Protocol, "transactions" | "submission" | "observeCommits">;

/** From the moment that all is ready to the first due time. */
const leadInMs = 20;
/** Longest wait of the loop: seconds are closed and clocks compared at least this often. */
const longestWaitMs = 100;
const drainWaitMs = 10;
/** A timer fires up to about this much late; closer than that, only turning the event loop over is exact. */
const timerSlackMs = 1;
/** Due transactions that are sent in one turn, so that replies are read, and stamped, in between. */
const sendsPerTurn = 64;

/**
 * Drives one client's load at the targets, open loop, and sees what becomes of every transaction.
 *
 * Subscribes to every target's commits, then: warm-up (extra transactions) → window (exactly
 * `plan.windowTransactions` are due in it) → drain (until nothing is outstanding, at most `plan.drainMs`). Emits
 * `load-phase`, `load-second`, `observer-lost` and `observer-restored` events. A node that dies does not end it.
 *
 * @throws InvalidArgumentError where the plan contradicts itself or the transaction's form; CommitWatchError where a
 *   target's commits cannot be watched; the signal's reason on abort, with every socket closed
 */
export async function runClient(
  plan: ClientPlan,
  protocol: ClientProtocol,
  options: ClientOptions,
): Promise<ClientReport> {
  options.signal.throwIfAborted();
  const pacer = buildPacer(plan);
  checkPlan(plan, protocol, pacer);
  let tally: Tally | undefined;
  await using watch = await CommitWatch.open({
    plan,
    protocol,
    onCommit: (sequence, target, nowMs) => tally?.committed(sequence, target, nowMs),
    ...options,
  });
  const windowStartMs = options.clock.monotonicMs() + leadInMs + plan.warmUpMs;
  watch.ages.setWindow(windowStartMs, windowStartMs + plan.windowMs);
  const seconds = new SecondRows({ startMs: -plan.warmUpMs, windowMs: plan.windowMs }, options.emit);
  const commitsObservable = protocol.observeCommits !== undefined;
  tally = new Tally({ plan, pacer, windowStartMs, commitsObservable, seconds });
  const failure = new AbortController();
  await using dispatcher = new Dispatcher({
    plan,
    protocol,
    tally,
    warmUpTransactions: pacer.warmUpTransactions,
    clock: options.clock,
    onError: (error) => failure.abort(error),
  });
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const standstills = new StandstillWatch(options.clock, windowStartMs);
  const run: Run = {
    plan,
    pacer,
    tally,
    dispatcher,
    seconds,
    standstills,
    windowStartMs,
    ...options,
    signal,
  };
  return await drive(run, watch, commitsObservable);
}

/** The parts of a client at work. Times without a name of their own are on the monotonic clock. */
interface Run extends ClientOptions {
  readonly plan: ClientPlan;
  readonly pacer: Pacer;
  readonly tally: Tally;
  readonly dispatcher: Dispatcher;
  readonly seconds: SecondRows;
  readonly standstills: StandstillWatch;
  readonly windowStartMs: number;
}

async function drive(run: Run, watch: CommitWatch, commitsObservable: boolean): Promise<ClientReport> {
  const { plan, tally, clock, emit, windowStartMs } = run;
  const windowStartedAtMs = clock.wallMs() + windowStartMs - clock.monotonicMs();
  const windowEndMs = windowStartMs + plan.windowMs;

  const sending = new Sending(run);
  emit({ type: "load-phase", phase: "warm-up", windowStartsAtMs: windowStartedAtMs });
  await sending.until(windowStartMs);
  emit({ type: "load-phase", phase: "window", lateMs: clock.monotonicMs() - windowStartMs });
  await sending.until(windowEndMs);
  emit({ type: "load-phase", phase: "drain" });
  const endMs = await drain(run, windowEndMs + plan.drainMs);

  run.dispatcher.stop();
  tally.close(endMs);
  run.seconds.finish(endMs - windowStartMs);
  warnOfLimits(run, watch);
  emit({ type: "load-phase", phase: "done" });
  const { commit, commitService, response, submit } = tally.latency;
  return {
    ledger: tally.ledger,
    windowStartedAtMs,
    committedInWindow: commitsObservable ? tally.flow.committedInWindow : undefined,
    acknowledgedInWindow: tally.flow.acknowledgedInWindow,
    latency: {
      commit: commitsObservable ? commit : undefined,
      commitService: commitsObservable ? commitService : undefined,
      response,
      submit,
    },
    lateness: tally.lateness,
    rejections: tally.rejections.counts,
    agreement: watch.agreement(),
    blockAges: watch.ages.record,
    observerFailures: watch.failures(),
    standstills: run.standstills.found(),
    inFlightCapReached: run.dispatcher.capReached,
    redirected: tally.redirected,
    stretches: tally.stretches,
    heightsSeenMs: watch.heights.since(windowStartMs),
  };
}

/** Offers every transaction to the dispatcher when it is due. */
class Sending {
  readonly #run: Run;
  /** At high rates transactions are sent a millisecond's worth at a time: turning the loop over for each costs a core. */
  readonly #spinMs: number;
  #next = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#spinMs = Math.min(timerSlackMs, 1000 / run.plan.rateTps / 4);
  }

  /** Goes on until `endMs`, and until all that is due before it was offered. */
  async until(endMs: number): Promise<void> {
    const { pacer, clock, signal, seconds, standstills, windowStartMs } = this.#run;
    for (;;) {
      signal.throwIfAborted();
      standstills.look();
      const nowMs = clock.monotonicMs();
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
      await delay(Math.min(Math.max(1, beforeSlackMs), longestWaitMs), this.#run.signal);
    } else {
      await nextTurn();
    }
  }
}

/** Waits until nothing is outstanding, at most until `endMs`. @returns when it ended */
async function drain(run: Run, endMs: number): Promise<number> {
  const { clock, tally, seconds, standstills, signal, windowStartMs } = run;
  for (;;) {
    signal.throwIfAborted();
    standstills.look();
    const nowMs = clock.monotonicMs();
    seconds.closeUpTo(nowMs - windowStartMs);
    if (tally.outstanding === 0 || nowMs >= endMs) return nowMs;
    await delay(Math.min(drainWaitMs, Math.max(1, endMs - nowMs)), signal);
  }
}

/** Says what the bounded memories let go: nothing is lost in silence. */
function warnOfLimits({ tally, emit }: Run, watch: CommitWatch): void {
  const { forgottenCommits } = tally.ledger;
  if (forgottenCommits > 0) {
    emit({
      type: "warning",
      message: `${forgottenCommits} commits were seen so late that their transactions had been let go as not seen; the ledger counts them apart.`,
    });
  }
  if (watch.heights.unrecorded > 0) {
    emit({
      type: "warning",
      message: `${watch.heights.unrecorded} heights grew after there was room for the times of no more; when they were first seen is not told.`,
    });
  }
}
