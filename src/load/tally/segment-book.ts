import { LatencyRecord } from "../../metrics/stats/latency-record.ts";
import type { ClientPlan, ClientReport, SegmentTally } from "../plan/client-plan.ts";

/** Parts are kept as 16-bit numbers, two for each segment. */
export const mostSegments = 2 ** 15;

/** A segment's transactions of targets that are meant to be up, or of those meant to be down. */
interface Part {
  scheduled: number;
  successful: number;
  readonly latency: LatencyRecord;
}

/**
 * Tells a run's transactions apart by the segment that they are due in, and by whether their own target is meant to be
 * up there. Both follow from the plan, so a transaction stays in the part that it entered, whatever becomes of it.
 *
 * A plan without segments has no parts: what is entered and recorded then leaves no trace.
 */
export class SegmentBook {
  readonly #fromMs: readonly number[];
  readonly #down: readonly ReadonlySet<number>[];
  readonly #targets: number;
  readonly #windowMs: number;
  /** Two for each segment: those of the targets up, then those of the targets down. */
  readonly #parts: readonly Part[];
  /** By segment: what was seen in its time. */
  readonly #observed: number[];
  #current = 0;
  #seenIn = 0;

  constructor({ segments, targets, windowMs }: Pick<ClientPlan, "segments" | "targets" | "windowMs">) {
    this.#fromMs = segments.map(({ fromMs }) => fromMs);
    this.#down = segments.map(({ down }) => new Set(down));
    this.#targets = targets.length;
    this.#windowMs = windowMs;
    this.#parts = segments.flatMap(() => [openPart(), openPart()]);
    this.#observed = segments.map(() => 0);
  }

  /** Nothing is told apart: entering and recording would leave no trace. */
  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /**
   * Counts a transaction as scheduled. Due times must not fall from one call to the next.
   *
   * @param dueMs from the start of the window
   * @returns the part that it counts in
   */
  enter(index: number, dueMs: number): number {
    while (dueMs >= (this.#fromMs[this.#current + 1] ?? Number.POSITIVE_INFINITY)) this.#current++;
    const isDown = this.#down[this.#current]?.has(index % this.#targets) === true;
    const place = 2 * this.#current + Number(isDown);
    const part = this.#parts[place];
    if (part !== undefined) part.scheduled++;
    return place;
  }

  /** Adds the headline latency of one of the part's transactions that succeeded, whole microseconds. */
  record(part: number, latencyUs: number): void {
    const own = this.#parts[part];
    if (own === undefined) return;
    own.successful++;
    own.latency.record(latencyUs);
  }

  /** Likewise of one that was refused, where the headline latency is that of replies. */
  refused(part: number, latencyUs: number): void {
    this.#parts[part]?.latency.record(latencyUs);
  }

  /** Adds one whose end was not seen: it took at least this long. */
  censor(part: number, ageUs: number): void {
    this.#parts[part]?.latency.censor(ageUs);
  }

  /**
   * Counts a commit, or an acknowledgement where commits cannot be observed, in the segment in whose time it was seen.
   * What is seen after the window belongs to none.
   */
  seen(atMs: number): void {
    const last = this.#observed.length - 1;
    if (last < 0 || atMs >= this.#windowMs) return;
    while (this.#seenIn > 0 && atMs < this.#from(this.#seenIn)) this.#seenIn--;
    while (this.#seenIn < last && atMs >= this.#from(this.#seenIn + 1)) this.#seenIn++;
    this.#observed[this.#seenIn] = (this.#observed[this.#seenIn] ?? 0) + 1;
  }

  #from(segment: number): number {
    return this.#fromMs[segment] ?? Number.POSITIVE_INFINITY;
  }

  /** What was found, in the order of the plan's segments. */
  tallies(): ClientReport["segments"] {
    return this.#fromMs.map((_, index) => ({
      up: tallyOf(this.#parts[2 * index]),
      down: tallyOf(this.#parts[2 * index + 1]),
      observed: this.#observed[index] ?? 0,
    }));
  }
}

function openPart(): Part {
  return { scheduled: 0, successful: 0, latency: new LatencyRecord() };
}

function tallyOf({ scheduled, successful, latency }: Part = openPart()): SegmentTally {
  return { scheduled, committed: successful, latency };
}
