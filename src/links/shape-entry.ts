/** Shapes as files write them, in the units of the code. */
import type { LinkLoss, ShapeChange } from "../contracts/links/shape.ts";
import { present } from "../core/documents/numbers.ts";
import { bitRate, duration, parseQuantity, type QuantityKind, share } from "../core/quantity.ts";
import { queueKindOf, type ShapeEntry, unlimited } from "./schema/shape.ts";

/** Of a text that the schema has accepted. */
export function amount(text: string | undefined, kind: QuantityKind): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseQuantity(text, kind);
  return "value" in parsed ? parsed.value : undefined;
}

/** Of an entry that the schema has accepted. */
export function toChange(entry: ShapeEntry): ShapeChange {
  const queueKind = entry.queue === undefined ? undefined : queueKindOf(entry.queue);
  const size = queueKind && amount(entry.queue, queueKind);
  const isTime = queueKind !== undefined && "ms" in queueKind.units;
  return {
    ...present({
      delayMs: amount(entry.delay, duration),
      jitterMs: amount(entry.jitter, duration),
      jitterDistribution: entry["jitter-distribution"],
      loss: toLoss(entry),
      rateBps: entry.rate === unlimited ? undefined : amount(entry.rate, bitRate),
      queue:
        size === undefined ? undefined : isTime ? { kind: "time", ms: size } : { kind: "bytes", bytes: size },
      duplicateRatio: amount(entry.duplicate, share),
      reorderRatio: amount(entry.reorder, share),
      corruptRatio: amount(entry.corrupt, share),
      down: entry.down,
    } satisfies { [K in keyof ShapeChange]: ShapeChange[K] | undefined }),
    ...(entry.rate === unlimited ? { rateBps: undefined } : {}),
  } as ShapeChange;
}

function toLoss(entry: ShapeEntry): LinkLoss | undefined {
  const { loss, "loss-bursts": bursts } = entry;
  if (loss !== undefined) return { kind: "independent", lossRatio: amount(loss, share) ?? 0 };
  if (bursts === undefined) return undefined;
  return {
    kind: "gilbert-elliott",
    goodToBadRatio: amount(bursts.p, share) ?? 0,
    badToGoodRatio: amount(bursts.r, share) ?? 1,
    goodLossRatio: amount(bursts.good, share) ?? 0,
    badLossRatio: amount(bursts.bad, share) ?? 1,
  };
}
