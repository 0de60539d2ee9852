/** A node that replied within this time still answers, unless its share of the cap fills faster. */
const longestAnsweringMs = 250;
/** A reply ends a stall of its node where it took longer than that, and this many times what replies took lately. */
const stallRatio = 4;
/** What replies took lately is a mean in which each new one weighs this much. */
const newWeight = 1 / 64;

/**
 * Tells whose doing it is that transactions of one node wait for a place in flight: the in-flight cap's, where the node
 * still answers, or the node's own.
 *
 * What gathered in a stall of the node is the node's doing too: once it replies, it has as long again to take that in.
 * After that it is the cap that holds it up. Replies that stay slow soon count as what the node is like, so that a
 * node under too small a cap is not taken for one that stalls again and again.
 */
export class CapWatch {
  readonly #answeringMs: number;
  #lastReplyMs = Number.NEGATIVE_INFINITY;
  /** Not a number before the first one: a field that may be undefined costs an object for every reply. */
  #usualMs = Number.NaN;
  #excusedUntilMs = Number.NEGATIVE_INFINITY;

  /**
   * @param inFlightShare requests to the node that may be under way at once
   * @param shareTps offered load of the node, transactions per second
   */
  constructor(inFlightShare: number, shareTps: number) {
    // A node that falls silent must not look as if it answered when its share is full.
    this.#answeringMs = Math.min(longestAnsweringMs, (inFlightShare * 500) / shareTps);
  }

  /** Whether it is the cap's doing that a due transaction has to wait now. */
  holdsUp(nowMs: number): boolean {
    return nowMs - this.#lastReplyMs <= this.#answeringMs && nowMs > this.#excusedUntilMs;
  }

  /** The node replied to a request that was sent so long ago. */
  replied(nowMs: number, tookMs: number): void {
    this.#lastReplyMs = nowMs;
    if (Number.isNaN(this.#usualMs)) this.#usualMs = tookMs;
    const endsStall = tookMs > Math.max(longestAnsweringMs, stallRatio * this.#usualMs);
    if (endsStall) this.#excusedUntilMs = Math.max(this.#excusedUntilMs, nowMs + tookMs);
    this.#usualMs += newWeight * (tookMs - this.#usualMs);
  }
}
