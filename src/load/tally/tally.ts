import type { LatencyKind, Ledger } from "../../contracts/result.ts";
import { LatencyRecord } from "../../stats/latency-record.ts";
import { mergeLedgers } from "../../stats/ledger.ts";
import type { ClientPlan, ClientReport } from "../client-plan.ts";
import type { Pacer } from "../pacing/pacer.ts";
import { Flow } from "./flow.ts";
import { inUs, Latencies } from "./latencies.ts";
import { ReasonCounts } from "./reasons.ts";
import { TransactionRing } from "./ring.ts";
import type { SecondRows } from "./seconds.ts";
import { fateOf, type Outcome, type Stage, stage, stageOf } from "./stage.ts";
import { StretchBook } from "./stretch-book.ts";

/** What a tally needs to know of its run. Times are on the monotonic clock. */
export interface TallyRequest {
  readonly plan: ClientPlan;
  readonly pacer: Pacer;
  readonly windowStartMs: number;
  readonly commitsObservable: boolean;
  readonly seconds: SecondRows;
}

const remembranceSecs = 300;
/** Most that are remembered for that, whatever the load, at about 30 bytes each. */
const mostRemembered = 2 ** 24;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

/**
 * Keeps the books of one run: every transaction's way from due to settled, the ledger and the latencies.
 *
 * Memory does not grow with the run: a ring holds the latest transactions, at least 300 s of them (above 50,000 tx/s:
 * at least 2²⁴) besides all that may wait or be under way. One that is still open when its slot is needed counts as not
 * seen, censored at its age then; a commit that comes later is counted in `forgottenCommits` alone, and is too late to be told from a duplicate.
 */
export class Tally {
  readonly ledger: Mutable<Ledger> = mergeLedgers([]);
  readonly lateness = new LatencyRecord();
  readonly rejections = new ReasonCounts();
  readonly flow: Flow;
  /** Transactions of the window that another target than their own took, or may have taken. */
  redirected = 0;
  /** Transactions of the window that may still be replied to or be committed. */
  outstanding = 0;

  readonly #request: TallyRequest;
  readonly #ring: TransactionRing;
  readonly #latencies: Latencies;
  readonly #stretches: StretchBook;
  #next = 0;
  #closed = false;

  constructor(request: TallyRequest) {
    this.#request = request;
    const { plan, pacer } = request;
    this.flow = new Flow({ ...request, windowMs: plan.windowMs });
    const wanted =
      plan.maxInFlight + plan.queueLimit + Math.min(plan.rateTps * remembranceSecs, mostRemembered);
    this.#ring = new TransactionRing(2 ** Math.ceil(Math.log2(Math.min(wanted, pacer.transactions) + 1)));
    this.#stretches = new StretchBook(plan);
    this.#latencies = new Latencies({
      ring: this.#ring,
      warmUpTransactions: pacer.warmUpTransactions,
      headline: request.commitsObservable ? "commit" : "response",
      stretches: this.#stretches,
    });
  }

  /** Of the transactions due in the window. */
  get latency(): Readonly<Record<LatencyKind, LatencyRecord>> {
    return this.#latencies.window;
  }

  /** Of those due in each of the plan's stretches. */
  get stretches(): ClientReport["stretches"] {
    return this.#stretches.tallies();
  }

  /**
   * Enters the next transaction.
   *
   * @param dueMs from the start of the window
   *
   * @returns false where there is no memory for it, because one that is not even replied to has its place: it counts
   *   as dropped
   */
  admit(sequence: number, dueMs: number, nowMs: number): boolean {
    const { windowStartMs } = this.#request;
    const lateMs = nowMs - windowStartMs - dueMs;
    this.#next = sequence + 1;
    this.flow.due(dueMs, inUs(lateMs));
    if (this.#inWindow(sequence)) {
      this.ledger.scheduled++;
      this.#recordLateness(lateMs);
    }
    const part = this.#stretches.enter(sequence, dueMs);
    const slot = this.#ring.slotFor(sequence);
    const before = this.#ring.sequenceAt(slot);
    if (before !== undefined && this.#ring.stageAt(slot) <= stage.inFlight) {
      this.#latencies.censorUnplaced(sequence, part, lateMs);
      if (this.#inWindow(sequence)) this.ledger.unsent.dropped++;
      return false;
    }
    if (before !== undefined) this.#settle(before, slot, nowMs);
    this.#ring.put({ sequence, dueMs: windowStartMs + dueMs, target: this.#ownTarget(sequence), part });
    if (this.#inWindow(sequence)) this.outstanding++;
    return true;
  }

  /** It found no place in the queue. */
  dropped(sequence: number): void {
    this.#move(sequence, stage.unsent);
    if (this.#inWindow(sequence)) this.ledger.unsent.dropped++;
  }

  /**
   * Its request goes out now.
   *
   * @param target place in the plan of the node that it goes to. Where one could not be reached, the next call names
   *   the one that is tried instead
   */
  sent(sequence: number, target: number, nowMs: number): void {
    const slot = this.#ring.slotFor(sequence);
    if (this.#ring.stageAt(slot) === stage.queued) this.flow.sent(nowMs);
    this.#move(sequence, stage.inFlight);
    this.#ring.sentMs[slot] = nowMs;
    this.#ring.targets[slot] = target;
  }

  /** Its request came to an end. */
  replied(sequence: number, outcome: Outcome, nowMs: number): void {
    const next = stageOf(outcome);
    const slot = this.#move(sequence, next);
    if (this.#inWindow(sequence)) {
      this.ledger.sent[outcome.fate][this.#ring.isCommitted(slot) ? "committed" : "notSeen"]++;
      if ("reason" in outcome) this.rejections.add(outcome.reason);
      const elsewhere = this.#ring.targets[slot] !== this.#ownTarget(sequence);
      if (elsewhere && next !== stage.unreached) this.redirected++;
    }
    if (outcome.fate === "acknowledged") {
      this.flow.acknowledged(this.#latencies.record("response", slot, nowMs), nowMs);
      this.#latencies.record("submit", slot, nowMs);
      if (!this.#request.commitsObservable) this.#stretches.seen(nowMs - this.#request.windowStartMs);
    } else if (outcome.fate === "timedOut") {
      // The reply was awaited until now; what would have come later is not known.
      this.#latencies.censor("response", slot, nowMs);
      this.#latencies.censor("submit", slot, nowMs);
    }
  }

  /** The node at that place in the plan showed it in a block. Counts where that is the one that it was sent to. */
  committed(sequence: number, target: number, nowMs: number): void {
    // What is seen after the end would change figures that were handed out already.
    if (this.#closed) return;
    const slot = this.#ring.find(sequence);
    // Of one that is not known, the own target is the only one that can be asked for.
    const expected = slot === undefined ? this.#ownTarget(sequence) : this.#ring.targets[slot];
    if (target !== expected) return;
    if (slot === undefined && sequence < this.#next) {
      this.ledger.forgottenCommits++;
      return;
    }
    if (
      slot === undefined ||
      this.#ring.stageAt(slot) === stage.queued ||
      this.#ring.stageAt(slot) === stage.unsent
    ) {
      this.ledger.unknownCommits++;
      return;
    }
    const inWindow = this.#inWindow(sequence);
    if (this.#ring.isCommitted(slot)) {
      if (inWindow) this.ledger.duplicateCommits++;
      return;
    }
    const wasOpen = this.#isOpen(slot);
    this.#ring.setCommitted(slot);
    this.flow.committed(this.#latencies.record("commit", slot, nowMs), nowMs);
    this.#latencies.record("commitService", slot, nowMs);
    this.#stretches.seen(nowMs - this.#request.windowStartMs);
    if (!inWindow) return;
    if (wasOpen && !this.#isOpen(slot)) this.outstanding--;
    const fate = fateOf(this.#ring.stageAt(slot));
    if (fate !== undefined) {
      this.ledger.sent[fate].notSeen--;
      this.ledger.sent[fate].committed++;
    }
  }

  /** Ends the observation: what is queued is cut, what is under way timed out, what was not seen is censored. */
  close(endMs: number): void {
    for (let slot = 0; slot < this.#ring.capacity; slot++) {
      const sequence = this.#ring.sequenceAt(slot);
      if (sequence !== undefined) this.#settle(sequence, slot, endMs);
    }
    this.#closed = true;
  }

  /** The last word on a transaction, at the end of the run or when its slot is needed. */
  #settle(sequence: number, slot: number, nowMs: number): void {
    const at = this.#ring.stageAt(slot);
    if (at === stage.inFlight) this.replied(sequence, { fate: "timedOut" }, nowMs);
    if (at === stage.queued) {
      this.#move(sequence, stage.unsent);
      if (this.#inWindow(sequence)) this.ledger.unsent.cut++;
    }
    // What was never sent has no service latencies.
    const wasSent = at !== stage.queued && at !== stage.unsent;
    const noReply = at === stage.rejected || at === stage.connectionFailed || at === stage.unreached;
    if (!wasSent || noReply) this.#latencies.censor("response", slot, nowMs);
    if (noReply) this.#latencies.censor("submit", slot, nowMs);
    if (this.#ring.isCommitted(slot)) return;
    if (this.#inWindow(sequence) && this.#isOpen(slot)) this.outstanding--;
    this.#latencies.censor("commit", slot, nowMs);
    if (wasSent) this.#latencies.censor("commitService", slot, nowMs);
  }

  /** The generator's own lateness: the wait for a place in flight at a node, whose doing it is, comes after it. */
  #recordLateness(lateMs: number): void {
    this.lateness.record(inUs(lateMs));
    if (lateMs > this.#request.plan.lateAfterMs) this.ledger.lateSends++;
  }

  #inWindow(sequence: number): boolean {
    return sequence >= this.#request.pacer.warmUpTransactions;
  }

  #ownTarget(sequence: number): number {
    return sequence % this.#request.plan.targets.length;
  }

  /** Sets the stage of a transaction that is in memory; keeps `outstanding`. */
  #move(sequence: number, next: Stage): number {
    const slot = this.#ring.slotFor(sequence);
    const wasOpen = this.#isOpen(slot);
    this.#ring.setStage(slot, next);
    if (this.#inWindow(sequence)) this.outstanding += Number(this.#isOpen(slot)) - Number(wasOpen);
    return slot;
  }

  /** Whether a reply or a commit may still come. */
  #isOpen(slot: number): boolean {
    const at = this.#ring.stageAt(slot);
    if (at === stage.queued || at === stage.inFlight) return true;
    const mayCommit = at === stage.acknowledged || at === stage.timedOut || at === stage.connectionFailed;
    return mayCommit && this.#request.commitsObservable && !this.#ring.isCommitted(slot);
  }
}
