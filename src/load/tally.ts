import type { LatencyKind, Ledger } from "../contracts/result.ts";
import { LatencyRecord } from "../stats/latency-record.ts";
import { mergeLedgers } from "../stats/ledger.ts";
import type { ClientPlan } from "./client-plan.ts";
import type { Pacer } from "./pacer.ts";
import { ReasonCounts } from "./reasons.ts";
import { TransactionRing } from "./ring.ts";
import type { SecondRows } from "./seconds.ts";
import { fateOf, type Outcome, type Stage, stage, stageOf } from "./stage.ts";

/** What a tally needs to know of its run. Times are on the monotonic clock. */
export interface TallyRequest {
  readonly plan: ClientPlan;
  readonly pacer: Pacer;
  readonly windowStartMs: number;
  readonly commitsObservable: boolean;
  readonly seconds: SecondRows;
}

const remembranceSecs = 300;
/** Most that are remembered for that, whatever the load, at about 25 bytes each. */
const mostRemembered = 2 ** 24;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

/**
 * Keeps the books of one run: every transaction's way from due to settled, the ledger and the latencies.
 *
 * Memory does not grow with the run: a ring holds the latest transactions, at least 300 s of them (above 50,000 tx/s: at
 * least 2²⁴) besides all that may wait or be under way. One that is still open when its slot is needed counts as not seen, censored at its age then;
 * a commit that comes later is counted in `forgottenCommits` alone.
 */
export class Tally {
  readonly ledger: Mutable<Ledger> = mergeLedgers([]);
  readonly latency: Record<LatencyKind, LatencyRecord>;
  readonly lateness = new LatencyRecord();
  readonly rejections = new ReasonCounts();
  committedInWindow = 0;
  acknowledgedInWindow = 0;
  /** Transactions of the window that may still be replied to or be committed. */
  outstanding = 0;
  /** Commits of transactions that had left the memory: too late to be told from duplicates. */
  forgottenCommits = 0;

  readonly #request: TallyRequest;
  readonly #ring: TransactionRing;
  #next = 0;
  #closed = false;

  constructor(request: TallyRequest) {
    this.#request = request;
    const { plan, pacer } = request;
    const wanted =
      plan.maxInFlight + plan.queueLimit + Math.min(plan.rateTps * remembranceSecs, mostRemembered);
    this.#ring = new TransactionRing(2 ** Math.ceil(Math.log2(Math.min(wanted, pacer.transactions) + 1)));
    const record = () => new LatencyRecord();
    this.latency = { commit: record(), commitService: record(), response: record(), submit: record() };
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
    const { seconds, windowStartMs } = this.#request;
    this.#next = sequence + 1;
    seconds.count("due", dueMs);
    if (this.#inWindow(sequence)) {
      this.ledger.scheduled++;
      this.#recordLateness(nowMs - windowStartMs - dueMs);
    }
    const slot = this.#ring.slotFor(sequence);
    const before = this.#ring.sequenceAt(slot);
    if (before !== undefined && this.#ring.stageAt(slot) <= stage.inFlight) {
      if (this.#inWindow(sequence)) this.#censorUnsent(nowMs - windowStartMs - dueMs);
      if (this.#inWindow(sequence)) this.ledger.unsent.dropped++;
      return false;
    }
    if (before !== undefined) this.#settle(before, slot, nowMs);
    this.#ring.put(sequence, windowStartMs + dueMs, stage.queued);
    if (this.#inWindow(sequence)) this.outstanding++;
    return true;
  }

  /** It found no place in the queue. */
  dropped(sequence: number): void {
    this.#move(sequence, stage.unsent);
    if (this.#inWindow(sequence)) this.ledger.unsent.dropped++;
  }

  /** Its request goes out now. */
  sent(sequence: number, nowMs: number): void {
    const slot = this.#move(sequence, stage.inFlight);
    this.#ring.sentMs[slot] = nowMs;
    this.#request.seconds.count("sent", nowMs - this.#request.windowStartMs);
  }

  /** Its request came to an end. */
  replied(sequence: number, outcome: Outcome, nowMs: number): void {
    const slot = this.#move(sequence, stageOf(outcome));
    const inWindow = this.#inWindow(sequence);
    if (inWindow) this.ledger.sent[outcome.fate][this.#ring.isCommitted(slot) ? "committed" : "notSeen"]++;
    if (inWindow && "reason" in outcome) this.rejections.add(outcome.reason);
    const [responseUs, submitUs] = [inUs(nowMs - this.#dueMs(slot)), inUs(nowMs - this.#sentMs(slot))];
    if (outcome.fate === "acknowledged") {
      this.#countAcknowledged(responseUs, nowMs);
      if (inWindow) this.latency.response.record(responseUs);
      if (inWindow) this.latency.submit.record(submitUs);
    } else if (outcome.fate === "timedOut" && inWindow) {
      // The reply was awaited until now; what would have come later is not known.
      this.latency.response.censor(responseUs);
      this.latency.submit.censor(submitUs);
    }
  }

  /** A node that it was submitted to showed it in a block. */
  committed(sequence: number, nowMs: number): void {
    // What is seen after the end would change figures that were handed out already.
    if (this.#closed) return;
    const slot = this.#ring.find(sequence);
    if (slot === undefined && sequence < this.#next) {
      this.forgottenCommits++;
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
    const commitUs = inUs(nowMs - this.#dueMs(slot));
    this.#countCommitted(commitUs, nowMs);
    if (!inWindow) return;
    if (wasOpen && !this.#isOpen(slot)) this.outstanding--;
    const fate = fateOf(this.#ring.stageAt(slot));
    if (fate !== undefined) {
      this.ledger.sent[fate].notSeen--;
      this.ledger.sent[fate].committed++;
    }
    this.latency.commit.record(commitUs);
    this.latency.commitService.record(inUs(nowMs - this.#sentMs(slot)));
  }

  /** Ends the observation: what is queued is cut, what is under way timed out, what was not seen is censored. */
  close(endMs: number): void {
    for (let slot = 0; slot < this.#ring.capacity; slot++) {
      const sequence = this.#ring.sequenceAt(slot);
      if (sequence !== undefined && this.#inWindow(sequence)) this.#settle(sequence, slot, endMs);
    }
    this.#closed = true;
  }

  /** The last word on a transaction, at the end of the run or when its slot is needed. */
  #settle(sequence: number, slot: number, nowMs: number): void {
    if (!this.#inWindow(sequence)) return;
    const at = this.#ring.stageAt(slot);
    if (at === stage.inFlight) this.replied(sequence, { fate: "timedOut" }, nowMs);
    if (at === stage.queued) {
      this.#move(sequence, stage.unsent);
      this.ledger.unsent.cut++;
    }
    const ageMs = nowMs - this.#dueMs(slot);
    if (at === stage.queued || at === stage.unsent) {
      this.#censorUnsent(ageMs);
      return;
    }
    const serviceAgeMs = nowMs - this.#sentMs(slot);
    if (at === stage.rejected || at === stage.connectionFailed || at === stage.unreached) {
      this.latency.response.censor(inUs(ageMs));
      this.latency.submit.censor(inUs(serviceAgeMs));
    }
    if (this.#ring.isCommitted(slot)) return;
    if (this.#isOpen(slot)) this.outstanding--;
    this.latency.commit.censor(inUs(ageMs));
    this.latency.commitService.censor(inUs(serviceAgeMs));
  }

  /** What was never sent has no service latencies. */
  #censorUnsent(ageMs: number): void {
    this.latency.response.censor(inUs(ageMs));
    this.latency.commit.censor(inUs(ageMs));
  }

  /** The generator's own lateness: the wait for a place in flight at a node, whose doing it is, comes after it. */
  #recordLateness(lateMs: number): void {
    this.lateness.record(inUs(lateMs));
    if (lateMs > this.#request.plan.lateAfterMs) this.ledger.lateSends++;
  }

  #countAcknowledged(responseUs: number, nowMs: number): void {
    const { seconds, windowStartMs, commitsObservable } = this.#request;
    if (this.#duringWindow(nowMs)) this.acknowledgedInWindow++;
    seconds.count("acknowledged", nowMs - windowStartMs);
    if (!commitsObservable) seconds.latency(responseUs, nowMs - windowStartMs);
  }

  #countCommitted(commitUs: number, nowMs: number): void {
    const { seconds, windowStartMs } = this.#request;
    if (this.#duringWindow(nowMs)) this.committedInWindow++;
    seconds.count("committed", nowMs - windowStartMs);
    seconds.latency(commitUs, nowMs - windowStartMs);
  }

  #duringWindow(nowMs: number): boolean {
    const { windowStartMs, plan } = this.#request;
    return nowMs >= windowStartMs && nowMs < windowStartMs + plan.windowMs;
  }

  #inWindow(sequence: number): boolean {
    return sequence >= this.#request.pacer.warmUpTransactions;
  }

  #dueMs(slot: number): number {
    return this.#ring.dueMs[slot] ?? Number.NaN;
  }

  #sentMs(slot: number): number {
    return this.#ring.sentMs[slot] ?? Number.NaN;
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

/** Time in whole microseconds. */
const inUs = (ms: number) => Math.round(ms * 1000);
