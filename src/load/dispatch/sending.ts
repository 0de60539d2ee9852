import type { Emit } from "../../contracts/events.ts";
import type { Clock } from "../../core/clock.ts";
import type { Pacer } from "../pacing/pacer.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { closedLoopInFlight, Share } from "../plan/share.ts";
import type { SecondRows } from "../tally/seconds.ts";
import type { Tally } from "../tally/tally.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { StallWatch } from "./stall.ts";
import type { TurnLoop } from "./turn-loop.ts";

/** Clocks are compared, seconds closed and requests that waited too long ended about so often. */
const lookEveryMs = 10;
/**
 * Due transactions that are offered in one turn, so that replies are read, and stamped, in between: a tenth of a
 * millisecond's work, beside which the turn itself costs little.
 */
const offersPerTurn = 256;
/** Offers for which one reading of the clock stands. */
const openOffersPerReading = 32;
/** Longest wait, after the end, for commits that were seen before it. */
const watermarkWaitMs = 5000;

/** The parts of a client at work. Times without a name of their own are on the monotonic clock. */
export interface SendingRequest {
  readonly plan: ClientPlan;
  readonly pacer: Pacer;
  readonly tally: Tally;
  readonly dispatcher: Dispatcher;
  readonly seconds: SecondRows;
  readonly windowStartMs: number;
  /** Up to when all commits that were seen have been told. */
  readonly watermarkMs: () => number;
  readonly clock: Clock;
  readonly emit: Emit;
}

/**
 * A client's way through its phases, turn by turn: warm-up and window, in which every transaction is offered to the
 * dispatcher when it is due; drain, until nothing is outstanding; and settling, until all that was seen before the end
 * has been told.
 */
export class Sending {
  readonly stalls: StallWatch;
  /** When the drain ended; Infinity before that. */
  endMs = Number.POSITIVE_INFINITY;
  readonly #request: SendingRequest;
  readonly #share: Share;
  readonly #windowEndMs: number;
  /** Most that have been offered and have not ended, in a closed loop. */
  readonly #inFlight: number | undefined;
  #phase: "warm-up" | "window" | "drain" | "settling" = "warm-up";
  /** The next transaction, by its index in the share, and when it is due, from the start of the window. */
  #next = 0;
  // Fields that change with every transaction begin as fractional numbers: else each new value is an object.
  #nextDueMs = Number.NaN;
  #nextLookMs = Number.NEGATIVE_INFINITY;

  constructor(request: SendingRequest) {
    this.#request = request;
    const { plan, windowStartMs, clock } = request;
    this.stalls = new StallWatch(clock, windowStartMs);
    this.#share = new Share(plan.share);
    this.#windowEndMs = windowStartMs + plan.windowMs;
    this.#inFlight = closedLoopInFlight(plan);
    this.#nextDueMs = this.#dueOfNext(Number.NEGATIVE_INFINITY);
  }

  /** Does one turn. @returns when the next one is wanted; undefined after the last */
  take(nowMs: number, loop: Pick<TurnLoop, "lateMs">): number | undefined {
    const { seconds, windowStartMs, dispatcher } = this.#request;
    const isLook = nowMs >= this.#nextLookMs;
    if (this.#phase !== "settling") seconds.loopDelay(loop.lateMs(nowMs), nowMs - windowStartMs);
    if (isLook) this.#look(nowMs);
    const wantedMs = this.#step(nowMs, isLook);
    if (this.#phase !== "settling") dispatcher.turn(nowMs, isLook);
    if (wantedMs === undefined) return undefined;
    return dispatcher.hasUnwritten ? nowMs : wantedMs;
  }

  #step(nowMs: number, isLook: boolean): number | undefined {
    const { windowStartMs } = this.#request;
    switch (this.#phase) {
      case "warm-up":
        return this.#offerUntil(windowStartMs, nowMs) ? this.#enter("window", nowMs) : this.#wantedMs();
      case "window":
        return this.#offerUntil(this.#windowEndMs, nowMs) ? this.#enter("drain", nowMs) : this.#wantedMs();
      case "drain":
        return this.#drain(nowMs, isLook);
      default:
        return this.#settle(nowMs);
    }
  }

  /** @returns whether the phase is over: its end has come, and all that is due before it was offered */
  #offerUntil(endMs: number, nowMs: number): boolean {
    const { windowStartMs } = this.#request;
    const upToMs = Math.min(nowMs, endMs) - windowStartMs;
    // What the next one waited for in a closed loop may have come; at the end nothing more is sent in this phase.
    if (this.#inFlight !== undefined) {
      this.#nextDueMs = nowMs >= endMs ? Number.POSITIVE_INFINITY : this.#dueOfNext(upToMs);
    }
    if (this.#nextDueMs <= upToMs) this.#offerDue(upToMs, nowMs);
    return nowMs >= endMs && this.#nextDueMs > upToMs;
  }

  /** @param upToMs in milliseconds from the start of the window */
  #offerDue(upToMs: number, nowMs: number): void {
    const { tally, dispatcher, clock } = this.#request;
    // What a closed loop sends is due when it is sent.
    const offersPerReading = this.#inFlight === undefined ? openOffersPerReading : offersPerTurn;
    let atMs = nowMs;
    for (let offered = 0; offered < offersPerTurn && this.#nextDueMs <= upToMs; offered++) {
      if (offered > 0 && offered % offersPerReading === 0) atMs = clock.monotonicMs();
      const index = this.#next++;
      const dueMs = this.#nextDueMs;
      if (tally.admit(index, dueMs, atMs)) dispatcher.offer(index, atMs);
      this.#nextDueMs = this.#dueOfNext(upToMs);
    }
  }

  /** Of a closed loop, as far as is known at that time: as soon as one of those under way has ended. */
  #dueOfNext(atMs: number): number {
    const { pacer, dispatcher, plan } = this.#request;
    if (this.#inFlight === undefined) return pacer.dueMs(this.#share.sequenceOf(this.#next));
    return dispatcher.open < this.#inFlight ? Math.max(atMs, -plan.warmUpMs) : Number.POSITIVE_INFINITY;
  }

  #wantedMs(): number {
    const { windowStartMs } = this.#request;
    const endMs = this.#phase === "warm-up" ? windowStartMs : this.#windowEndMs;
    return Math.min(windowStartMs + this.#nextDueMs, endMs);
  }

  #enter(phase: "window" | "drain", nowMs: number): number {
    const { emit, clock, tally, windowStartMs } = this.#request;
    this.#look(nowMs);
    this.#phase = phase;
    if (phase === "window" && this.#inFlight !== undefined) tally.beginWindow();
    if (phase === "drain") emit({ type: "load-phase", phase });
    else emit({ type: "load-phase", phase, lateMs: clock.monotonicMs() - windowStartMs });
    return nowMs;
  }

  #drain(nowMs: number, isLook: boolean): number {
    const { tally, dispatcher, plan } = this.#request;
    const lastMs = this.#windowEndMs + plan.drainMs;
    // Not at once when nothing is outstanding any more: what a block holds besides is told right after it.
    if (!(isLook && tally.book.outstanding === 0) && nowMs < lastMs)
      return Math.min(this.#nextLookMs, lastMs);
    dispatcher.stop();
    tally.endAt(nowMs);
    this.endMs = nowMs;
    this.#phase = "settling";
    return nowMs;
  }

  #settle(nowMs: number): number | undefined {
    const { watermarkMs, emit } = this.#request;
    if (watermarkMs() >= this.endMs) return undefined;
    if (nowMs < this.endMs + watermarkWaitMs) return nowMs + 1;
    emit({
      type: "warning",
      message: `The commit observer did not report within ${watermarkWaitMs / 1000} s of the run's end that its commits are complete; commits shortly before the end may be missing from the ledger.`,
    });
    return undefined;
  }

  /** What need not be done at every turn. */
  #look(nowMs: number): void {
    const { seconds, windowStartMs, watermarkMs } = this.#request;
    this.#nextLookMs = nowMs + lookEveryMs;
    this.stalls.look();
    // A row is over when all that is due in it was offered, and all commits that were seen in it have been told.
    const reportedMs = Math.min(nowMs, this.endMs, watermarkMs()) - windowStartMs;
    seconds.closeUpTo(Math.min(reportedMs, this.#nextDueMs));
  }
}
