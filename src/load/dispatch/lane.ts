import { closedLoopInFlight } from "../pacing/closed-loop.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { partOf } from "../plan/share.ts";
import { CapWatch } from "./cap-watch.ts";
import { Fifo } from "./fifo.ts";

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
      capWatch: new CapWatch({ inFlightShare, shareTps }),
      inFlightShare,
      queueShare: partOf(queueLimit, { index: own, of }),
      inFlight: 0,
    };
  });
}
