import type { Pacer } from "../pacing/pacer.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { Share } from "../plan/share.ts";

const remembranceSecs = 300;
/** Most that all clients together remember for that, whatever the load, at about 30 bytes each. */
const mostRemembered = { commits: 2 ** 24, replies: 2 ** 20 };

/** Least that the clients of a closed loop remember together: its rate is known once it runs, and may be 7,000 tx/s. */
const leastInClosedLoop = 2 ** 21;

/**
 * How many of a client's transactions are kept in mind: a power of two, in which there is room for all that may wait or
 * be under way, and for those of the last 300 s (a closed loop's, at the rate that it is taken to have).
 */
export function ringCapacity(plan: ClientPlan, pacer: Pacer, commitsObservable: boolean): number {
  const { of } = plan.share;
  const most = commitsObservable ? mostRemembered.commits : mostRemembered.replies;
  const isClosed = plan.closedLoop !== undefined;
  const remembered = Math.min(plan.rateTps * remembranceSecs, most) / of;
  const least = isClosed ? Math.floor(Math.min(leastInClosedLoop, most) / of) - 1 : 0;
  const wanted = Math.max(plan.maxInFlight + plan.queueLimit + remembered, least);
  const own = isClosed ? Number.POSITIVE_INFINITY : new Share(plan.share).countOf(pacer.transactions);
  return 2 ** Math.ceil(Math.log2(Math.min(wanted, own) + 1));
}
