import type { LatencyKind } from "../../contracts/results/latency.ts";
import { LatencyRecord } from "../../metrics/stats/latency-record.ts";
import { type Stage, stage, type TransactionRing } from "./ring.ts";
import type { OpenSecond } from "./seconds.ts";
import type { SegmentBook } from "./segment-book.ts";
import type { WindowBook } from "./window-book.ts";

/**
 * Takes the latencies of the transactions in a ring: all kinds of the window's, and the headline one of every
 * segment's, those of the warm-up included. Commit and response count from the due time, commitService and submit
 * from the send. Each value is put into as few histograms as can be: those of acceptances that are the headline only
 * into their second's, and what was replied at all is put together at the end.
 */
export class Latencies {
  /** Of the transactions due in the window. */
  readonly #commit: LatencyRecord;
  readonly #commitService = new LatencyRecord();
  readonly #responseAccepted: LatencyRecord;
  readonly #responseRefused = new LatencyRecord();
  readonly #responseMissing = new LatencyRecord();
  readonly #submitAccepted = new LatencyRecord();
  readonly #submitRefused = new LatencyRecord();
  readonly #submitMissing = new LatencyRecord();
  readonly #book: WindowBook;
  readonly #ring: TransactionRing;
  readonly #commitsObservable: boolean;
  readonly #segments: SegmentBook;

  /** @param headline where measured ones are kept by the seconds: commit latencies where commits can be observed */
  constructor(book: WindowBook, segments: SegmentBook, headline: LatencyRecord) {
    const { ring, commitsObservable } = book;
    this.#book = book;
    this.#ring = ring;
    this.#segments = segments;
    this.#commitsObservable = commitsObservable;
    this.#commit = commitsObservable ? headline : new LatencyRecord();
    this.#responseAccepted = commitsObservable ? new LatencyRecord() : headline;
  }

  /** Of the transactions due in the window. */
  all(): Readonly<Record<LatencyKind, LatencyRecord>> {
    const [responseAccepted, responseRefused] = [this.#responseAccepted, this.#responseRefused];
    const [submitAccepted, submitRefused] = [this.#submitAccepted, this.#submitRefused];
    return {
      commit: this.#commit,
      commitService: this.#commitService,
      response: LatencyRecord.merged([responseAccepted, responseRefused, this.#responseMissing]),
      ...{ responseAccepted, responseRefused },
      submit: LatencyRecord.merged([submitAccepted, submitRefused, this.#submitMissing]),
      ...{ submitAccepted, submitRefused },
    };
  }

  /** Its acknowledgement was read at that time, in that row. */
  acknowledged(slot: number, nowMs: number, row: OpenSecond): void {
    const responseUs = sinceUs(this.#ring.dueMs[slot], nowMs);
    if (!this.#commitsObservable) this.#recordHeadline(slot, responseUs, row);
    if (!this.#inWindow(slot)) return;
    if (this.#commitsObservable) this.#responseAccepted.recordWhole(responseUs);
    this.#submitAccepted.recordWhole(sinceUs(this.#ring.sentMs[slot], nowMs));
  }

  /** The node's refusal of it was read at that time: a reply, but no success, so no row has it. */
  refused(slot: number, nowMs: number): void {
    const responseUs = sinceUs(this.#ring.dueMs[slot], nowMs);
    if (!this.#commitsObservable) this.#segments.refused(this.#ring.parts[slot] as number, responseUs);
    if (!this.#inWindow(slot)) return;
    this.#responseRefused.recordWhole(responseUs);
    this.#submitRefused.recordWhole(sinceUs(this.#ring.sentMs[slot], nowMs));
  }

  /** It was seen in a block at that time, in that row. */
  committed(slot: number, seenMs: number, row: OpenSecond): void {
    this.#recordHeadline(slot, sinceUs(this.#ring.dueMs[slot], seenMs), row);
    if (this.#inWindow(slot)) this.#commitService.recordWhole(sinceUs(this.#ring.sentMs[slot], seenMs));
  }

  /** A reply to it is not waited for any longer. */
  censorReply(slot: number, nowMs: number, wasSent: boolean): void {
    const responseUs = sinceUs(this.#ring.dueMs[slot], nowMs);
    if (!this.#commitsObservable) this.#segments.censor(this.#ring.parts[slot] as number, responseUs);
    if (!this.#inWindow(slot)) return;
    this.#responseMissing.censor(responseUs);
    if (wasSent) this.#submitMissing.censor(sinceUs(this.#ring.sentMs[slot], nowMs));
  }

  /** Nothing of it is waited for any longer; it had come to that stage. */
  settle(slot: number, at: Stage, nowMs: number): void {
    // What was never sent has no service latencies.
    const wasSent = at !== stage.queued && at !== stage.unsent;
    const noReply = at === stage.connectionFailed || at === stage.unreached;
    if (!wasSent || noReply) this.censorReply(slot, nowMs, wasSent);
    if (this.#commitsObservable && !this.#ring.isCommitted(slot)) this.#censorCommit(slot, nowMs, wasSent);
  }

  #censorCommit(slot: number, nowMs: number, wasSent: boolean): void {
    const commitUs = sinceUs(this.#ring.dueMs[slot], nowMs);
    this.#segments.censor(this.#ring.parts[slot] as number, commitUs);
    if (!this.#inWindow(slot)) return;
    this.#commit.censor(commitUs);
    if (wasSent) this.#commitService.censor(sinceUs(this.#ring.sentMs[slot], nowMs));
  }

  /** One that found no place in the ring, so that it will never be sent. */
  censorUnplaced(index: number, part: number, ageUs: number): void {
    this.#segments.censor(part, ageUs);
    if (!this.#book.has(index)) return;
    this.#responseMissing.censor(ageUs);
    this.#commit.censor(ageUs);
  }

  #recordHeadline(slot: number, latencyUs: number, row: OpenSecond): void {
    if (this.#inWindow(slot)) row.latency.recordWhole(latencyUs);
    else row.warmUpLatency.recordWhole(latencyUs);
    if (!this.#segments.isEmpty) this.#segments.record(this.#ring.parts[slot] as number, latencyUs);
  }

  #inWindow(slot: number): boolean {
    return this.#book.has(this.#ring.indexAt(slot));
  }
}

/**
 * Time in whole microseconds. Threads read the same clock, but each to within a microsecond only, so that what comes
 * from another one may seem to have been before what it followed.
 */
export const inUs = (ms: number) => Math.max(0, Math.round(ms * 1000));

const sinceUs = (thenMs: number | undefined, nowMs: number) => inUs(nowMs - (thenMs as number));
