import { type LinkLoss, type LinkShape, lossRatioOf, type ShapeChange } from "../contracts/links/shape.ts";

/** A shape with some of its values set. */
export function changeShape(shape: LinkShape, change: ShapeChange): LinkShape {
  const { jitter: jitterBefore, loss: lossBefore, rateBps: rateBefore, ...before } = shape;
  const { jitterMs, jitterDistribution, loss: lossAfter, rateBps: rateAfter, ...after } = change;
  const deviationMs = jitterMs ?? jitterBefore?.deviationMs ?? 0;
  const distribution = jitterDistribution ?? jitterBefore?.distribution ?? "normal";
  const loss = lossAfter ?? lossBefore;
  const rateBps = "rateBps" in change ? rateAfter : rateBefore;
  return {
    ...before,
    ...after,
    ...(deviationMs === 0 || distribution === "none" ? {} : { jitter: { deviationMs, distribution } }),
    ...(loss === undefined || isLossless(loss) ? {} : { loss }),
    ...(rateBps === undefined ? {} : { rateBps }),
  };
}

const isLossless = (loss: LinkLoss) => loss.kind === "independent" && loss.lossRatio === 0;

/**
 * A shape on its way to other values: each in proportion. Loss in bursts becomes independent loss of the same share; where there
 * is no rate, it is the target's at once.
 *
 * @param target of delay, jitter, loss, rate, duplicates, reordered and corrupt packets; other values stay
 * @param progress 0 to 1
 */
export function moveShape(shape: LinkShape, target: ShapeChange, progress: number): LinkShape {
  if (progress <= 0) return shape;
  if (progress >= 1) return changeShape(shape, target);
  const between = (from: number, to: number | undefined) =>
    to === undefined ? undefined : Number((from + (to - from) * progress).toPrecision(9));
  const lossRatio = target.loss && between(lossRatioOf(shape.loss), lossRatioOf(target.loss));
  const rateBps = between(shape.rateBps ?? target.rateBps ?? 0, target.rateBps);
  const values = {
    delayMs: between(shape.delayMs, target.delayMs),
    jitterMs: between(shape.jitter?.deviationMs ?? 0, target.jitterMs),
    duplicateRatio: between(shape.duplicateRatio, target.duplicateRatio),
    reorderRatio: between(shape.reorderRatio, target.reorderRatio),
    corruptRatio: between(shape.corruptRatio, target.corruptRatio),
    loss: lossRatio === undefined ? undefined : { kind: "independent" as const, lossRatio },
    rateBps: rateBps === undefined ? undefined : Math.round(rateBps),
  };
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return changeShape(shape, Object.fromEntries(set) as ShapeChange);
}
