import type { ShapedDirection } from "../../contracts/links/shaper.ts";
import { type Random, seededRandom } from "../../core/random.ts";
import { samplers } from "./jitter.ts";
import { type LossProcess, openLoss } from "./loss.ts";

/** Why a packet is dropped: by loss, by a full queue, because the link is down. */
export const drops = { lost: -1, overflowed: -2, cut: -3 } as const;

/**
 * One direction of one pair: decides about one packet after the other, and knows no clock.
 *
 * The rate is that of a line with a drop-tail queue: a packet leaves when all before it and itself are sent. A packet
 * that finds more waiting than the queue holds is dropped; one of any size fits into an empty queue, since the kernel
 * hands over up to 64 KB at once.
 */
export class Link {
  #shape: ShapedDirection;
  #loss: LossProcess | undefined;
  readonly #random: Random;
  readonly #mtuBytes: number;
  /** When everything that was accepted will be sent. */
  #idleAtMs = 0;
  #lastDueMs = 0;

  constructor(
    shape: ShapedDirection,
    { seed, mtuBytes }: { readonly seed: string; readonly mtuBytes: number },
  ) {
    this.#random = seededRandom(seed);
    this.#mtuBytes = mtuBytes;
    this.#shape = shape;
    this.set(shape);
  }

  /** Holds for packets from now on: those that wait keep their due time, and those that are sent their place. */
  set(shape: ShapedDirection): void {
    this.#shape = shape;
    this.#loss = shape.loss && openLoss(shape.loss, this.#random);
  }

  /** When a packet that arrived then is due, in ms of the same clock; or one of `drops`. */
  decide(arrivedMs: number, bytes: number): number {
    const { down = false, delayMs, jitterMs = 0, distribution = "none", keepsOrder = false } = this.#shape;
    if (down) return drops.cut;
    if (this.#isLost(bytes)) return drops.lost;
    const sentMs = this.#send(arrivedMs, bytes);
    if (sentMs < 0) return drops.overflowed;
    const delayedMs = delayMs + jitterMs * samplers[distribution](this.#random);
    const dueMs = Math.max(sentMs, sentMs + delayedMs, keepsOrder ? this.#lastDueMs : 0);
    this.#lastDueMs = dueMs;
    return dueMs;
  }

  /** A packet that goes over the line in several parts is lost with any of them. */
  #isLost(bytes: number): boolean {
    if (this.#loss === undefined) return false;
    for (let rest = bytes; rest > 0; rest -= this.#mtuBytes) if (this.#loss()) return true;
    return false;
  }

  #send(arrivedMs: number, bytes: number): number {
    const { rateBps, queueMs, queueBytes } = this.#shape;
    if (rateBps === undefined) return arrivedMs;
    const waitMs = Math.max(0, this.#idleAtMs - arrivedMs);
    const mostMs = queueMs ?? (queueBytes === undefined ? Infinity : (queueBytes * 8000) / rateBps);
    if (waitMs > mostMs) return drops.overflowed;
    this.#idleAtMs = arrivedMs + waitMs + (bytes * 8000) / rateBps;
    return this.#idleAtMs;
  }
}
