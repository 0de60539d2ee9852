import type { ClientPlan } from "../client-plan.ts";
import type { Pacer } from "../pacing/pacer.ts";
import { Share } from "../share.ts";

const remembranceSecs = 300;
/** Most that all clients together remember for that, whatever the load, at about 30 bytes each. */
const mostRemembered = { commits: 2 ** 24, replies: 2 ** 20 };

/**
 * How many of a client's transactions are kept in mind: a power of two, in which there is room for all that may wait or
 * be under way, and for those of the last 300 s.
 */
export function ringCapacity(plan: ClientPlan, pacer: Pacer, commitsObservable: boolean): number {
  const { of } = plan.share;
  const most = commitsObservable ? mostRemembered.commits : mostRemembered.replies;
  const remembered = Math.min(plan.rateTps * remembranceSecs, most) / of;
  const wanted = plan.maxInFlight + plan.queueLimit + remembered;
  const isClosed = plan.closedLoop !== undefined;
  const own = isClosed ? Number.POSITIVE_INFINITY : new Share(plan.share).countOf(pacer.transactions);
  return 2 ** Math.ceil(Math.log2(Math.min(wanted, own) + 1));
}
