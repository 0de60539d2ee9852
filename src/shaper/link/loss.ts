import type { LinkLoss } from "../../contracts/links/shape.ts";
import type { Random } from "../../core/random.ts";

/** Says for one part of a packet after the other whether it is lost. */
export type LossProcess = () => boolean;

/**
 * Independent loss, or a chain of two states (Gilbert 1960, Elliott 1963) that begins in the good one and may change
 * before each part.
 */
export function openLoss(loss: LinkLoss, random: Random): LossProcess {
  if (loss.kind === "independent") return () => random.nextRatio() < loss.lossRatio;
  let isBad = false;
  return () => {
    if (random.nextRatio() < (isBad ? loss.badToGoodRatio : loss.goodToBadRatio)) isBad = !isBad;
    return random.nextRatio() < (isBad ? loss.badLossRatio : loss.goodLossRatio);
  };
}
