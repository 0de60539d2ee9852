import { type LinkShape, queueMsOf } from "../../contracts/links/shape.ts";
import { samplers } from "../../core/numbers/jitter.ts";
import { type Random, seededRandom } from "../../core/random.ts";
import { type LossProcess, openLoss } from "./loss.ts";

/** Why a packet is dropped: by loss, by a full queue, because the link is down. */
export const drops = { lost: -1, overflowed: -2, cut: -3 } as const;

/** Of 740 packets with normal jitter one is further from the mean, in this direction. */
const commonDeviations = 3;

/**
 * One direction of one pair: decides about one packet after the other, and knows no clock.
 *
 * The rate is that of a line with a drop-tail queue: a packet leaves when all before it and itself are sent. A packet
 * that finds more waiting than the queue holds is dropped; one of any size fits into an empty queue, since the kernel
 * hands over up to 64 KB at once. Then it is delayed. Jitter reorders packets; without it they keep their order.
 */
export class Link {
  #shape: LinkShape;
  #loss: LossProcess | undefined;
  readonly #random: Random;
  readonly #mtuBytes: number;
  /** When everything that was accepted will be sent. */
  #idleAtMs = 0;
  #lastDueMs = 0;

  constructor(shape: LinkShape, { seed, mtuBytes }: { readonly seed: string; readonly mtuBytes: number }) {
    this.#random = seededRandom(seed);
    this.#mtuBytes = mtuBytes;
    this.#shape = shape;
    this.set(shape);
  }

  /** Holds for packets from now on: those that wait keep their due time, and those that are sent their place. */
  set(shape: LinkShape): void {
    this.#shape = shape;
    this.#loss = shape.loss && openLoss(shape.loss, this.#random);
    this.#lastDueMs = 0;
  }

  /** Hardly any packet has a shorter delay. */
  get soonestMs(): number {
    const { delayMs, jitter, reorderRatio, down } = this.#shape;
    if (down) return Infinity;
    return reorderRatio > 0 ? 0 : Math.max(0, delayMs - commonDeviations * (jitter?.deviationMs ?? 0));
  }

  /** When a packet that arrived then is due, in ms of the same clock; or one of `drops`. */
  decide(arrivedMs: number, bytes: number): number {
    const { down, delayMs, jitter, reorderRatio } = this.#shape;
    if (down) return drops.cut;
    if (this.#isLost(bytes)) return drops.lost;
    const sentMs = this.#send(arrivedMs, bytes);
    if (sentMs < 0) return drops.overflowed;
    if (reorderRatio > 0 && this.#random.nextRatio() < reorderRatio) return sentMs;
    if (jitter !== undefined) {
      const delayedMs = delayMs + jitter.deviationMs * samplers[jitter.distribution](this.#random);
      return Math.max(sentMs, sentMs + delayedMs);
    }
    // Stamps of the kernel may step back by the little that its two clocks drift.
    this.#lastDueMs = Math.max(sentMs + delayMs, this.#lastDueMs);
    return this.#lastDueMs;
  }

  /** A packet that goes over the line in several parts is lost with any of them. */
  #isLost(bytes: number): boolean {
    if (this.#loss === undefined) return false;
    for (let rest = bytes; rest > 0; rest -= this.#mtuBytes) if (this.#loss()) return true;
    return false;
  }

  #send(arrivedMs: number, bytes: number): number {
    const { rateBps } = this.#shape;
    if (rateBps === undefined) return arrivedMs;
    const waitMs = Math.max(0, this.#idleAtMs - arrivedMs);
    if (waitMs > queueMsOf(this.#shape)) return drops.overflowed;
    this.#idleAtMs = arrivedMs + waitMs + (bytes * 8000) / rateBps;
    return this.#idleAtMs;
  }
}
