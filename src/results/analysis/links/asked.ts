/** What shapes ask of single packets and of many. Pure. */
import { type LinkLoss, type LinkShape, lossRatioOf, queueMsOf } from "../../../contracts/links/shape.ts";
import type { ProbedLinkRecord } from "../../../contracts/results/links/link-certificate.ts";

/** IP bytes of an echo, at most. */
export const echoBytes = 100;

/** Payload of a full TCP segment in its IP packet of 1,500 bytes. */
export const payloadShare = 1448 / 1500;

/** What is asked of a link, or of a round trip over both directions. */
export interface AskedLink {
  /** Nothing passes. */
  readonly down: boolean;
  readonly delayMs: number;
  /** Longest time that an echo itself takes at the rate. */
  readonly serialMs: number;
  readonly jitterMs: number;
  readonly distribution?: "uniform" | "normal" | "pareto" | undefined;
  readonly reorderRatio: number;
  /** Packets of which an echo does not come back: lost, or corrupt, which the receiver drops. */
  readonly lossRatio: number;
  /** How many dependent packets count for one independent. */
  readonly lossInflation: number;
  /** Longest wait for the rate behind what the nodes send; 0 without a rate. */
  readonly queueMs: number;
  /** TCP payload that the rate has room for; absent without a rate. */
  readonly goodputBps?: number | undefined;
  /** Whether TCP is to fill the rate: it sends less where packets are lost, overtake each other, or come back late. */
  readonly fillsRate: boolean;
}

/** Largest receive window that systems give to a connection by default, in bits. */
const windowBits = 3 * 1024 ** 2 * 8;

export function askedOf({
  way,
  asked,
  askedBack,
  bareMs = 0,
}: Pick<ProbedLinkRecord, "way" | "asked" | "askedBack" | "bareMs">): AskedLink {
  const shapes = way === "round-trip" && askedBack !== undefined ? [asked, askedBack] : [asked];
  const rttMs = asked.delayMs + (askedBack ?? asked).delayMs;
  const sum = (of: (shape: LinkShape) => number) => shapes.reduce((all, shape) => all + of(shape), 0);
  const passes = shapes.reduce((all, shape) => all * (1 - packetLoss(shape)), 1);
  const jitters = shapes.flatMap(({ jitter }) => (jitter === undefined ? [] : [jitter]));
  const smooth = [asked, askedBack ?? asked].every(
    (shape) =>
      packetLoss(shape) === 0 && shape.reorderRatio === 0 && shape.jitter === undefined && !shape.down,
  );
  return {
    down: shapes.some(({ down }) => down),
    delayMs: sum((shape) => wholeDelayMs(shape, bareMs)),
    serialMs: sum(serialMs),
    jitterMs: Math.hypot(...jitters.map(({ deviationMs }) => deviationMs)),
    distribution:
      jitters.length > 1 && jitters.every(({ distribution }) => distribution !== "pareto")
        ? "normal"
        : jitters[0]?.distribution,
    reorderRatio: Math.max(...shapes.map(({ reorderRatio }) => reorderRatio)),
    lossRatio: 1 - passes,
    lossInflation: Math.max(...shapes.map(({ loss }) => inflationOf(loss))),
    queueMs: sum(queueMsOf),
    goodputBps: asked.rateBps === undefined ? undefined : asked.rateBps * payloadShare,
    fillsRate: smooth && ((asked.rateBps ?? 0) * rttMs) / 1000 < windowBits,
  };
}

/** A delay of 0 leaves the path as it is. @param bareMs what that is, one way */
const wholeDelayMs = ({ delayMs }: LinkShape, bareMs: number) => (delayMs === 0 ? bareMs : delayMs);

const serialMs = ({ rateBps }: LinkShape) => (rateBps === undefined ? 0 : (echoBytes * 8 * 1000) / rateBps);

const packetLoss = ({ loss, corruptRatio }: LinkShape) => 1 - (1 - lossRatioOf(loss)) * (1 - corruptRatio);

/** Of losses in bursts: what they add to the variance of the share of lost packets, as a factor. */
function inflationOf(loss: LinkLoss | undefined): number {
  if (loss?.kind !== "gilbert-elliott") return 1;
  const { goodToBadRatio: p, badToGoodRatio: r, goodLossRatio, badLossRatio } = loss;
  const mean = lossRatioOf(loss);
  if (mean <= 0 || mean >= 1 || p + r <= 0) return 1;
  const ofState = ((p * r) / (p + r) ** 2) * (badLossRatio - goodLossRatio) ** 2;
  const memory = 1 - p - r;
  return Math.max(1, 1 + (2 * (ofState / (mean * (1 - mean))) * memory) / (1 - memory));
}

/** What may happen to one packet: the delays that it may have, and whether it may be lost. */
export interface PacketRange {
  /** Absent: it must not arrive. */
  readonly lowMs?: number | undefined;
  readonly highMs?: number | undefined;
  readonly mayBeLost: boolean;
}

/** How far single delays lie from the asked one, in standard deviations. */
const reaches = { uniform: [1.8, 1.8], normal: [4, 4], pareto: [1, 12] } as const;

/**
 * Of one packet over the shapes of one direction that may be in force while it is under way.
 *
 * @param bareMs delay of the path that is not shaped
 */
export function rangeOf(shapes: readonly LinkShape[], bareMs = 0): PacketRange {
  const open = shapes.filter(({ down }) => !down);
  const mayBeLost =
    open.length < shapes.length ||
    shapes.some((shape) => packetLoss(shape) > 0 || shape.rateBps !== undefined);
  if (open.length === 0) return { mayBeLost: true };
  const ranges = open.map((shape) => delaysOf(shape, bareMs));
  return {
    lowMs: Math.min(...ranges.map(({ lowMs }) => lowMs)),
    highMs: Math.max(...ranges.map(({ highMs }) => highMs)),
    mayBeLost,
  };
}

/** There and back. */
export function joinRanges(there: PacketRange, back: PacketRange): PacketRange {
  if (there.lowMs === undefined || back.lowMs === undefined) return { mayBeLost: true };
  return {
    lowMs: there.lowMs + back.lowMs,
    highMs: (there.highMs ?? 0) + (back.highMs ?? 0),
    mayBeLost: there.mayBeLost || back.mayBeLost,
  };
}

function delaysOf(shape: LinkShape, bareMs: number): { readonly lowMs: number; readonly highMs: number } {
  const { jitter, reorderRatio } = shape;
  const delayMs = wholeDelayMs(shape, bareMs);
  const [below, above] = jitter === undefined ? [0, 0] : reaches[jitter.distribution];
  const deviationMs = jitter?.deviationMs ?? 0;
  return {
    lowMs: reorderRatio > 0 ? 0 : Math.max(0, delayMs - below * deviationMs),
    // What the nodes send may wait before an echo.
    highMs: delayMs + above * deviationMs + serialMs(shape) + queueMsOf(shape),
  };
}
