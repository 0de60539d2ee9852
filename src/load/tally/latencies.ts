import type { LatencyKind } from "../../contracts/result.ts";
import { LatencyRecord } from "../../stats/latency-record.ts";
import type { TransactionRing } from "./ring.ts";
import type { StretchBook } from "./stretch-book.ts";

export interface LatenciesRequest {
  readonly ring: TransactionRing;
  /** Sequence numbers below this one belong to the warm-up. */
  readonly warmUpTransactions: number;
  /** The kind that the stretches are told. */
  readonly headline: LatencyKind;
  readonly stretches: StretchBook;
}

/**
 * Takes the latencies of the transactions in a ring: all kinds of the window's, and the headline one of every
 * stretch's, those of the warm-up included.
 */
export class Latencies {
  /** Of the transactions due in the window. */
  readonly window: Readonly<Record<LatencyKind, LatencyRecord>>;
  readonly #request: LatenciesRequest;

  constructor(request: LatenciesRequest) {
    this.#request = request;
    const record = () => new LatencyRecord();
    this.window = { commit: record(), commitService: record(), response: record(), submit: record() };
  }

  /** What was waited for has come now. @returns the latency, microseconds */
  record(kind: LatencyKind, slot: number, nowMs: number): number {
    const { ring, headline, stretches } = this.#request;
    const latencyUs = this.#ageUs(kind, slot, nowMs);
    if (this.#inWindow(slot)) this.window[kind].record(latencyUs);
    if (kind === headline) stretches.record(ring.parts[slot] ?? 0, latencyUs);
    return latencyUs;
  }

  /** It is not waited for any longer. */
  censor(kind: LatencyKind, slot: number, nowMs: number): void {
    const { ring, headline, stretches } = this.#request;
    const ageUs = this.#ageUs(kind, slot, nowMs);
    if (this.#inWindow(slot)) this.window[kind].censor(ageUs);
    if (kind === headline) stretches.censor(ring.parts[slot] ?? 0, ageUs);
  }

  /** One that found no place in the ring, so that it will never be sent. */
  censorUnplaced(sequence: number, part: number, ageMs: number): void {
    if (sequence >= this.#request.warmUpTransactions) {
      this.window.response.censor(inUs(ageMs));
      this.window.commit.censor(inUs(ageMs));
    }
    this.#request.stretches.censor(part, inUs(ageMs));
  }

  /** Commit and response count from the due time, commitService and submit from the send. */
  #ageUs(kind: LatencyKind, slot: number, nowMs: number): number {
    const { dueMs, sentMs } = this.#request.ring;
    const since = kind === "commit" || kind === "response" ? dueMs : sentMs;
    return inUs(nowMs - (since[slot] ?? Number.NaN));
  }

  #inWindow(slot: number): boolean {
    return (this.#request.ring.sequenceAt(slot) ?? -1) >= this.#request.warmUpTransactions;
  }
}

/** Time in whole microseconds. */
export const inUs = (ms: number) => Math.round(ms * 1000);
