import type { Ledger } from "../../contracts/results/latency.ts";
import { mergeLedgers } from "../../metrics/stats/ledger.ts";
import type { Miss } from "../transport/transport.ts";
import { ReasonCounts } from "./reasons.ts";
import { fates, type Stage, stage, stageOf, type TransactionRing } from "./ring.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object ? Mutable<T[K]> : T[K] };

/** What became of the transactions that are due in the window, each in its cell, and how many of them are open. */
export class WindowBook {
  readonly ledger: Mutable<Ledger> = mergeLedgers([]);
  readonly rejections = new ReasonCounts();
  /** Transactions that another target than their own took, or may have taken. */
  redirected = 0;
  /** Transactions that may still be replied to or be committed. */
  outstanding = 0;
  /** Indices below this one belong to the warm-up. */
  warmUpTransactions = 0;
  readonly ring: TransactionRing;
  readonly commitsObservable: boolean;
  readonly #lateAfterMs: number;

  constructor(ring: TransactionRing, commitsObservable: boolean, lateAfterMs: number) {
    this.ring = ring;
    this.commitsObservable = commitsObservable;
    this.#lateAfterMs = lateAfterMs;
  }

  /** Whether a transaction is due in the window. */
  has(index: number): boolean {
    return index >= this.warmUpTransactions;
  }

  due(index: number, lateMs: number): void {
    if (!this.has(index)) return;
    this.ledger.scheduled++;
    if (lateMs > this.#lateAfterMs) this.ledger.lateSends++;
  }

  /** There is memory for it from now on. */
  opened(index: number): void {
    if (this.has(index)) this.outstanding++;
  }

  /** It is never sent: it found no place, or the run ended first. */
  unsent(index: number, cell: "dropped" | "cut"): void {
    if (this.has(index)) this.ledger.unsent[cell]++;
  }

  /** Its stage says that it was acknowledged already. */
  acknowledged(index: number, slot: number, isCommitted: boolean): void {
    if (!this.has(index)) return;
    this.ledger.sent.acknowledged[isCommitted ? "committed" : "notSeen"]++;
    if (this.ring.isElsewhere(slot)) this.redirected++;
    if (isCommitted || !this.commitsObservable) this.outstanding--;
  }

  /** Its request came to another end. @returns its slot */
  missed(index: number, miss: Miss): number {
    const next = stageOf[miss.kind];
    const slot = this.move(index, next);
    if (!this.has(index)) return slot;
    this.ledger.sent[fates[next]][this.ring.isCommitted(slot) ? "committed" : "notSeen"]++;
    if (miss.kind === "rejected") this.rejections.add(miss.reason);
    else if (miss.kind !== "timedOut") this.rejections.add(`connection failed: ${miss.code}`);
    if (this.ring.isElsewhere(slot) && next !== stage.unreached) this.redirected++;
    return slot;
  }

  /** Seen committed for the first time, before its slot says so. */
  committed(index: number, slot: number, at: Stage): void {
    if (!this.has(index)) return;
    const fate = fates[at];
    if (fate === undefined) return;
    if (this.#isOpen(slot)) this.outstanding--;
    this.ledger.sent[fate].notSeen--;
    this.ledger.sent[fate].committed++;
  }

  /** Nobody waits for it any more. */
  settled(index: number, slot: number): void {
    if (this.has(index) && this.#isOpen(slot)) this.outstanding--;
  }

  /** Sets the stage of a transaction that is in memory. @returns its slot */
  move(index: number, next: Stage): number {
    const slot = this.ring.slotFor(index);
    const wasOpen = this.#isOpen(slot);
    this.ring.setStage(slot, next);
    if (this.has(index)) this.outstanding += Number(this.#isOpen(slot)) - Number(wasOpen);
    return slot;
  }

  /** Whether a reply or a commit may still come. */
  #isOpen(slot: number): boolean {
    return this.commitsObservable ? this.ring.awaitsAnything(slot) : this.ring.awaitsReply(slot);
  }
}
