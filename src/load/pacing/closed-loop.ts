import type { ClientPlan } from "../plan/client-plan.ts";
import { partOf } from "../plan/share.ts";

type LoopPlan = Pick<ClientPlan, "closedLoop" | "share" | "warmUpMs">;

/** Transactions of this client that are under way at any time; undefined where its loop is open. */
export function closedLoopInFlight({ closedLoop, share }: LoopPlan): number | undefined {
  if (closedLoop === undefined) return undefined;
  return partOf(closedLoop.inFlight, share);
}

/**
 * Says when the next transaction of a closed loop is due: as soon as one of those under way has ended.
 *
 * @param underWay how many have been offered and have not ended
 * @returns when it is due, as far as is known at a time; both from the start of the window
 */
export function openClosedLoop(plan: LoopPlan, underWay: () => number): (atMs: number) => number {
  const inFlight = closedLoopInFlight(plan) ?? 0;
  return (atMs) => (underWay() >= inFlight ? Number.POSITIVE_INFINITY : Math.max(atMs, -plan.warmUpMs));
}
