import type { LatencyKind } from "../../contracts/results/latency.ts";
import type { LatencyRecord } from "../../metrics/stats/latency-record.ts";
import type { Pacer } from "../pacing/pacer.ts";
import type { ClientPlan, ClientReport } from "../plan/client-plan.ts";
import { Share } from "../plan/share.ts";
import { type Miss, timedOut } from "../transport/transport.ts";
import { inUs, Latencies } from "./latencies.ts";
import { ringCapacity, stage, TransactionRing } from "./ring.ts";
import type { SecondRows } from "./seconds.ts";
import { SegmentBook } from "./segment-book.ts";
import { WindowBook } from "./window-book.ts";

/** What a tally needs to know of its run. */
export interface TallyRequest {
  readonly plan: ClientPlan;
  readonly pacer: Pacer;
  readonly commitsObservable: boolean;
  readonly seconds: SecondRows;
}

/**
 * Keeps the books of one client's share of a run: every transaction's way from due to settled, the ledger and the
 * latencies. Transactions are told apart by their index in the share. Times are on the monotonic clock.
 *
 * Memory does not grow with the run: a ring holds the latest transactions (see `ringCapacity`). One that is still open
 * when its slot is needed counts as not seen, censored at its age then; a commit that comes later is counted in
 * `forgottenCommits` alone, and is too late to be told from a duplicate.
 */
export class Tally {
  /** What became of the transactions due in the window. */
  readonly book: WindowBook;
  readonly #share: Share;
  readonly #targets: number;
  readonly #seconds: SecondRows;
  readonly #ring: TransactionRing;
  readonly #latencies: Latencies;
  readonly #segments: SegmentBook;
  #windowStartMs = Number.NaN;
  /** What is seen later would change figures that were handed out already. */
  #endMs = Number.POSITIVE_INFINITY;
  #next = 0;
  /** Place of the next one's own target. */
  #nextTarget = 0;

  constructor({ plan, pacer, commitsObservable, seconds }: TallyRequest) {
    this.#share = new Share(plan.share);
    this.#targets = plan.targets.length;
    this.#seconds = seconds;
    this.#ring = new TransactionRing(ringCapacity(plan, pacer, commitsObservable));
    this.book = new WindowBook(this.#ring, commitsObservable, plan.lateAfterMs);
    this.#segments = new SegmentBook(plan);
    this.#latencies = new Latencies(this.book, this.#segments, seconds.headline);
    const isClosed = plan.closedLoop !== undefined;
    const ofWarmUp = this.#share.countOf(pacer.warmUpTransactions);
    this.book.warmUpTransactions = isClosed ? Number.POSITIVE_INFINITY : ofWarmUp;
  }

  /** Of the transactions due in the window; those measured of the headline one once their seconds are closed. */
  get latency(): Readonly<Record<LatencyKind, LatencyRecord>> {
    return this.#latencies.all();
  }

  /** Of those due in each of the plan's segments. */
  get segments(): ClientReport["segments"] {
    return this.#segments.tallies();
  }

  /** Says when the window begins; before anything else. */
  begin(windowStartMs: number): void {
    this.#windowStartMs = windowStartMs;
  }

  /** In a closed loop, where nothing else tells: the transactions that come from now on are the window's. */
  beginWindow(): void {
    this.book.warmUpTransactions = this.#next;
  }

  /**
   * Enters the next transaction.
   *
   * @param dueMs from the start of the window
   *
   * @returns false where there is no memory for it, because one that is not even replied to has its place: it counts
   *   as dropped
   */
  admit(index: number, dueMs: number, nowMs: number): boolean {
    const lateMs = nowMs - this.#windowStartMs - dueMs;
    this.#next = index + 1;
    this.#seconds.due(dueMs, inUs(lateMs));
    this.book.due(index, lateMs);
    const part = this.#segments.isEmpty ? 0 : this.#segments.enter(index, dueMs);
    const target = this.#nextTarget;
    this.#nextTarget = target + 1 === this.#targets ? 0 : target + 1;
    const ring = this.#ring;
    const slot = ring.slotFor(index);
    const before = ring.indexAt(slot);
    if (before >= 0) {
      if (ring.awaitsReply(slot)) {
        this.#latencies.censorUnplaced(index, part, inUs(lateMs));
        this.book.unsent(index, "dropped");
        this.#failed(nowMs);
        return false;
      }
      this.#settle(before, slot, nowMs);
    }
    ring.put(slot, index);
    ring.dueMs[slot] = this.#windowStartMs + dueMs;
    ring.targets[slot] = target;
    ring.parts[slot] = part;
    this.book.opened(index);
    return true;
  }

  /** It found no place in the queue. */
  dropped(index: number, nowMs: number): void {
    this.book.move(index, stage.unsent);
    this.book.unsent(index, "dropped");
    this.#failed(nowMs);
  }

  /**
   * Its request goes out now.
   *
   * @param target place in the plan of the node that it goes to. Where one could not be reached, the next call names
   *   the one that is tried instead
   */
  sent(index: number, target: number, nowMs: number): void {
    const ring = this.#ring;
    const slot = ring.slotFor(index);
    if (ring.stageAt(slot) === stage.queued) {
      this.#seconds.at(nowMs - this.#windowStartMs).counts.sent++;
      // What was queued is still marked with its own target.
      if (ring.targets[slot] !== target) ring.setElsewhere(slot, true);
    } else {
      ring.setElsewhere(slot, target !== index % this.#targets);
    }
    ring.setStage(slot, stage.inFlight);
    ring.sentMs[slot] = nowMs;
    ring.targets[slot] = target;
  }

  /** How long ago its request went out. */
  sinceSentMs(index: number, nowMs: number): number {
    return nowMs - (this.#ring.sentMs[this.#ring.slotFor(index)] as number);
  }

  /** Its request was answered: the node took it. */
  acknowledged(index: number, nowMs: number): void {
    const ring = this.#ring;
    const slot = ring.slotFor(index);
    ring.setStage(slot, stage.acknowledged);
    this.book.acknowledged(index, slot, ring.isCommitted(slot));
    const row = this.#seconds.at(nowMs - this.#windowStartMs);
    row.counts.acknowledged++;
    this.#latencies.acknowledged(slot, nowMs, row);
    if (!this.book.commitsObservable) this.#segments.seen(nowMs - this.#windowStartMs);
  }

  /** Its request came to another end. */
  missed(index: number, miss: Miss, nowMs: number): void {
    const slot = this.book.missed(index, miss);
    this.#failed(nowMs);
    if (miss.kind === "rejected") this.#latencies.refused(slot, nowMs);
    // The reply was awaited until now; what would have come later is not known.
    if (miss.kind === "timedOut") this.#latencies.censorReply(slot, nowMs, true);
  }

  /**
   * The node at that place in the plan showed the transaction of that sequence number in a block, which may be told
   * some time after it was seen. Counts where that is the node that it was sent to.
   */
  committed(sequence: number, target: number, seenMs: number): void {
    if (seenMs > this.#endMs || !this.book.commitsObservable) return;
    const ring = this.#ring;
    const index = this.#share.indexOf(sequence);
    const slot = ring.slotFor(index);
    const isKnown = ring.holds(slot, index) && this.#share.has(sequence);
    // Of one that is not known, the own target is the only one that can be asked for.
    if (target !== (isKnown ? ring.targets[slot] : index % this.#targets)) return;
    const at = ring.stageAt(slot);
    if (!isKnown || at === stage.queued || at === stage.unsent) {
      const wasLetGo = !isKnown && index < this.#next && this.#share.has(sequence);
      this.book.ledger[wasLetGo ? "forgottenCommits" : "unknownCommits"]++;
      return;
    }
    if (ring.isCommitted(slot)) {
      if (this.book.has(index)) this.book.ledger.duplicateCommits++;
      return;
    }
    this.book.committed(index, slot, at);
    ring.setCommitted(slot);
    const row = this.#seconds.at(seenMs - this.#windowStartMs);
    row.counts.committed++;
    this.#latencies.committed(slot, seenMs, row);
    this.#segments.seen(seenMs - this.#windowStartMs);
  }

  /** The run ends at that time: what is seen later does not count, what was seen until then still does. */
  endAt(endMs: number): void {
    this.#endMs = endMs;
  }

  /** Ends the observation: what is queued is cut, what is under way timed out, what was not seen is censored. */
  close(endMs: number): void {
    for (let index = Math.max(0, this.#next - this.#ring.capacity); index < this.#next; index++) {
      const slot = this.#ring.slotFor(index);
      this.#settle(this.#ring.indexAt(slot), slot, endMs);
    }
    this.#endMs = Number.NEGATIVE_INFINITY;
  }

  /** The last word on a transaction, at the end of the run or when its slot is needed. */
  #settle(index: number, slot: number, nowMs: number): void {
    const at = this.#ring.stageAt(slot);
    if (at === stage.acknowledged && (!this.book.commitsObservable || this.#ring.isCommitted(slot))) return;
    if (at === stage.inFlight) this.missed(index, timedOut, nowMs);
    if (at === stage.queued) {
      this.book.move(index, stage.unsent);
      this.book.unsent(index, "cut");
      this.#failed(nowMs);
    }
    this.book.settled(index, slot);
    this.#latencies.settle(slot, at, nowMs);
  }

  #failed(nowMs: number): void {
    this.#seconds.count("failed", nowMs - this.#windowStartMs);
  }
}
