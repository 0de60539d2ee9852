/** What was asked of the links between hosts, over time. Pure. */
import type { LinkShape } from "../../../contracts/links/shape.ts";
import { lossRatioOf } from "../../../contracts/links/shape.ts";
import { linksOf, type PlannedLinks } from "../../../contracts/links/shaping.ts";
import type { TimelineStep } from "../../../contracts/links/timeline.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import type { EmulatedChange, EmulatedChanges } from "./parse-event.ts";

/** From one moment on; milliseconds since the start of the window. */
interface Emulated {
  readonly fromMs: number;
  readonly delayMs: number;
  /** 1: nothing passes. */
  readonly lossRatio: number;
}

export interface PathQuality {
  /** Product over the links, 0 to 1. */
  readonly deliveryRatio: number;
  readonly delayMs: number;
}

/** Of every directed link that is emulated. */
export class EmulatedLinks {
  readonly #series = new Map<string, Emulated[]>();

  /** In the order of time. */
  add({ secs, changes }: EmulatedChanges): void {
    for (const [from, to, delayMs, lossRatio] of changes) {
      const key = keyOf(from, to);
      const series = this.#series.get(key);
      const one = { fromMs: secs * 1000, delayMs, lossRatio };
      if (series === undefined) this.#series.set(key, [one]);
      else series.push(one);
    }
  }

  has(from: string, to: string): boolean {
    return this.#series.has(keyOf(from, to));
  }

  /** undefined where the link is not emulated. */
  at(from: string, to: string, ms: number): Emulated | undefined {
    const series = this.#series.get(keyOf(from, to)) ?? [];
    return series[lastBefore(series, ms)];
  }

  /** Mean over a time. */
  meanLoss(from: string, to: string, [fromMs, toMs]: readonly [number, number]): number | undefined {
    const series = this.#series.get(keyOf(from, to));
    if (series === undefined) return undefined;
    let [sum, place] = [0, Math.max(0, lastBefore(series, fromMs))];
    for (; place < series.length; place++) {
      const { fromMs: begins, lossRatio } = series[place] as Emulated;
      if (begins >= toMs) break;
      const ends = series[place + 1]?.fromMs ?? toMs;
      sum += lossRatio * Math.max(0, Math.min(ends, toMs) - Math.max(begins, fromMs));
    }
    return sum / (toMs - fromMs);
  }

  /** Of a path by the names of its nodes; undefined where a link of it is not emulated. */
  quality(path: readonly string[], ms: number): PathQuality | undefined {
    let [deliveryRatio, delayMs] = [1, 0];
    for (const [from, to] of hopsOf(path)) {
      const link = this.at(from, to, ms);
      if (link === undefined) return undefined;
      deliveryRatio *= 1 - link.lossRatio;
      delayMs += link.delayMs;
    }
    return { deliveryRatio, delayMs };
  }

  /** Moments up to `ms` at which a link of these paths changed, the latest first. */
  changesOf(paths: readonly (readonly string[])[], ms: number): readonly number[] {
    const series = paths.flatMap(hopsOf).flatMap(([from, to]) => this.#series.get(keyOf(from, to)) ?? []);
    const moments = new Set(series.map(({ fromMs }) => fromMs));
    return [...moments].filter((moment) => moment <= ms).sort((a, b) => b - a);
  }
}

const keyOf = (from: string, to: string) => JSON.stringify([from, to]);

/** Ordered pairs of neighbours. */
export const hopsOf = (path: readonly string[]): (readonly [from: string, to: string])[] =>
  path.slice(1).map((to, place) => [path[place] as string, to] as const);

/** Place of the last that begins at or before a moment; -1 where none does. */
export function lastBefore(series: readonly { readonly fromMs: number }[], ms: number): number {
  let [low, high] = [-1, series.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((series[middle]?.fromMs ?? Number.POSITIVE_INFINITY) <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** As they were planned, and as they were changed, for the file of a bundle. */
export function emulatedLines(
  links: PlannedLinks | undefined,
  steps: readonly TimelineStep[],
): readonly EmulatedChanges[] {
  if (links === undefined) return [];
  const start = linksOf(links.matrix).map((link) => changeOf(link));
  const changes = steps.flatMap((step) =>
    step.kind === "links" && step.changes.length > 0
      ? [{ type: "links" as const, secs: rounded(step.atMs / 1000), changes: step.changes.map(changeOf) }]
      : [],
  );
  return [{ type: "links", secs: 0, changes: start }, ...changes];
}

const changeOf = ({
  from,
  to,
  shape,
}: {
  readonly from: string;
  readonly to: string;
  readonly shape: LinkShape;
}): EmulatedChange => [
  from,
  to,
  rounded(shape.delayMs),
  shape.down ? 1 : Number(lossRatioOf(shape.loss).toFixed(6)),
];
