import type { ClientPlan } from "../plan/client-plan.ts";
import { closedLoopInFlight, partOf } from "../plan/share.ts";
import { CapWatch } from "./cap-watch.ts";

const leastPlaces = 64;

/** The transactions of one target, wherever they are sent. */
export interface Lane {
  /** Place of their own target in the plan. */
  readonly own: number;
  readonly waiting: Fifo;
  readonly capWatch: CapWatch;
  readonly inFlightShare: number;
  readonly queueShare: number;
  inFlight: number;
}

/** A lane for each target; the shares of all of them add up to what the client may have under way and waiting. */
export function openLanes(plan: ClientPlan): readonly Lane[] {
  const { targets, maxInFlight, queueLimit, rateTps, share } = plan;
  const of = targets.length;
  const shareTps = rateTps / share.of / of;
  return targets.map((_, own) => {
    // A closed loop is held by itself, wherever its transactions are.
    const inFlightShare = closedLoopInFlight(plan) ?? partOf(maxInFlight, { index: own, of });
    return {
      own,
      waiting: new Fifo(),
      capWatch: new CapWatch(inFlightShare, shareTps),
      inFlightShare,
      queueShare: partOf(queueLimit, { index: own, of }),
      inFlight: 0,
    };
  });
}

/** A queue of numbers, first in, first out, that keeps its memory: nothing is allocated while it does not grow. */
export class Fifo {
  length = 0;
  /** Its length is a power of two. */
  #items = new Float64Array(leastPlaces);
  #head = 0;

  push(item: number): void {
    if (this.length === this.#items.length) this.#grow();
    this.#items[(this.#head + this.length) & (this.#items.length - 1)] = item;
    this.length++;
  }

  /** Takes the oldest one; undefined where it is empty. */
  shift(): number | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.length--;
    return item;
  }

  #grow(): void {
    const items = new Float64Array(2 * this.#items.length);
    items.set(this.#items.subarray(this.#head));
    items.set(this.#items.subarray(0, this.#head), this.#items.length - this.#head);
    this.#items = items;
    this.#head = 0;
  }
}
