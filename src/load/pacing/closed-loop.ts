import type { ClientPlan } from "../plan/client-plan.ts";
import { partOf } from "../plan/share.ts";

type LoopPlan = Pick<ClientPlan, "closedLoop" | "share" | "warmUpMs">;

/** Transactions of this client that are under way at any time; undefined where its loop is open. */
export function closedLoopInFlight({ closedLoop, share }: LoopPlan): number | undefined {
  if (closedLoop === undefined) return undefined;
  return partOf(closedLoop.inFlight, share);
}

/** Says when the next transaction of a closed loop is due: as soon as one of those under way has ended. */
export class ClosedLoop {
  readonly #inFlight: number;
  readonly #startMs: number;
  readonly #underWay: () => number;

  /** @param underWay how many have been offered and have not ended */
  constructor(plan: LoopPlan, underWay: () => number) {
    this.#inFlight = closedLoopInFlight(plan) ?? 0;
    this.#startMs = -plan.warmUpMs;
    this.#underWay = underWay;
  }

  /** @returns when the next one is due, as far as is known at that time: both from the start of the window */
  dueMs(atMs: number): number {
    if (this.#underWay() >= this.#inFlight) return Number.POSITIVE_INFINITY;
    return Math.max(atMs, this.#startMs);
  }
}
