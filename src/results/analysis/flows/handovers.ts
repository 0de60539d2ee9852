/** How flows came from one path to another, stage by stage. Pure. */
import type { FlowPath, Handover } from "../../../contracts/results/native/flows.ts";
import { type EmulatedLinks, hopsOf, type PathQuality } from "./emulated.ts";
import type { FoundFlow } from "./flow-figures.ts";
import type { PerceivedLinks } from "./perceived.ts";

export interface FoundHandover {
  readonly handover: Handover;
  /** The link whose host detected it, if one did. */
  readonly seenBy: readonly [from: string, to: string] | undefined;
}

interface Change {
  readonly before: readonly string[];
  readonly leftMs: number;
  readonly after?: readonly string[] | undefined;
  readonly switchedMs?: number | undefined;
}

export interface HandoverUse {
  readonly emulated: EmulatedLinks;
  readonly perceived: PerceivedLinks;
}

export function handoversOf(
  flow: FoundFlow,
  paths: readonly FlowPath[],
  { emulated, perceived }: HandoverUse,
): FoundHandover[] {
  return changesOf(paths).map((change) => {
    const { before, after, leftMs, switchedMs } = change;
    const crossingMs = after && crossingOf(emulated, { before, after, leftMs });
    const seen =
      crossingMs === undefined
        ? undefined
        : detection(perceived, before, [crossingMs, switchedMs ?? flow.timed.lengthMs]);
    const recoveredMs = switchedMs === undefined ? undefined : recoveryOf(flow, switchedMs);
    const beginMs = crossingMs ?? leftMs;
    const endMs = recoveredMs ?? flow.timed.lengthMs;
    return {
      seenBy: seen?.link,
      handover: {
        flow: flow.result.name,
        before,
        after,
        crossingSecs: inSecs(crossingMs),
        detectedSecs: inSecs(seen?.ms),
        leftSecs: leftMs / 1000,
        switchedSecs: inSecs(switchedMs),
        recoveredSecs: inSecs(recoveredMs),
        detectMs: between(crossingMs, seen?.ms),
        decideMs: between(seen?.ms, switchedMs),
        recoverMs: between(switchedMs, recoveredMs),
        totalMs: between(crossingMs, recoveredMs),
        interruptionMs: longestIn(flow, beginMs, endMs),
        lost: flow.timed.lostBetween(beginMs, endMs),
      },
    };
  });
}

const inSecs = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);
const between = (one: number | undefined, other: number | undefined) =>
  one === undefined || other === undefined ? undefined : other - one;

/** From one complete path to the next, whatever was in between. */
function changesOf(paths: readonly FlowPath[]): Change[] {
  const changes: Change[] = [];
  let before: readonly string[] | undefined;
  let leftMs: number | undefined;
  for (const { state, nodes, fromSecs } of paths) {
    const ms = fromSecs * 1000;
    if (before !== undefined) leftMs ??= ms;
    if (state !== "complete") continue;
    if (before !== undefined && leftMs !== undefined) {
      changes.push({ before, leftMs, after: nodes, switchedMs: ms });
    }
    [before, leftMs] = [nodes, undefined];
  }
  if (before !== undefined && leftMs !== undefined) changes.push({ before, leftMs });
  return changes;
}

/** Expected delivery ratios that differ by less are equal, and then the delay decides. */
const leastDelivery = 0.01;

type IsWorse = (before: PathQuality, after: PathQuality) => boolean;
const losesMore: IsWorse = (before, after) => before.deliveryRatio <= after.deliveryRatio - leastDelivery;
const isLonger: IsWorse = (before, after) => before.delayMs > after.delayMs;

/** Since when, up to its end, the path was worse; undefined: it was not, or has always been so. */
function crossingOf(
  emulated: EmulatedLinks,
  { before, after, leftMs }: Change & { readonly after: readonly string[] },
): number | undefined {
  const isWorseAt = (ms: number, isWorse: IsWorse) => {
    const [old, other] = [emulated.quality(before, ms), emulated.quality(after, ms)];
    return old !== undefined && other !== undefined && isWorse(old, other);
  };
  const isWorse = [losesMore, isLonger].find((one) => isWorseAt(leftMs, one));
  if (isWorse === undefined) return undefined;
  let crossing: number | undefined;
  for (const ms of emulated.changesOf([before, after], leftMs)) {
    if (!isWorseAt(ms, isWorse)) return crossing;
    crossing = ms;
  }
  return undefined;
}

/** The first word that a link of the path has become worse, by the host at either of its ends. */
function detection(
  perceived: PerceivedLinks,
  path: readonly string[],
  span: readonly [number, number],
): { readonly ms: number; readonly link: readonly [string, string] } | undefined {
  const found = hopsOf(path)
    .flatMap(([a, b]) => [[a, b] as const, [b, a] as const])
    .flatMap((link) => {
      const ms = perceived.worseAfter(...link, span);
      return ms === undefined ? [] : [{ ms, link }];
    });
  return found.sort((a, b) => a.ms - b.ms)[0];
}

/** First arrival that ends the interruption in which the path changed, or else of a packet sent since. */
function recoveryOf({ timed, gaps }: FoundFlow, switchedMs: number): number | undefined {
  const around = gaps.all.find(
    ({ fromSecs, toSecs = Number.POSITIVE_INFINITY }) =>
      fromSecs * 1000 <= switchedMs && toSecs * 1000 >= switchedMs,
  );
  if (around !== undefined) return around.toSecs === undefined ? undefined : around.toSecs * 1000;
  const first = timed.arrivals.find((index) => (timed.sentMs[index] as number) >= switchedMs);
  return first === undefined ? undefined : timed.arrivedMs[first];
}

/** Milliseconds; 0 where there is none. */
function longestIn({ gaps, timed }: FoundFlow, fromMs: number, toMs: number): number {
  const overlapping = gaps.all.filter(
    (one) => one.fromSecs * 1000 <= toMs && (one.toSecs ?? timed.window.lengthSecs) * 1000 >= fromMs,
  );
  return Math.max(0, ...overlapping.map(({ lengthMs }) => lengthMs));
}
