/** Links as the network under test has them, beside what is emulated. Pure. */
import type { ViewedLink } from "../../../contracts/load/flow-events.ts";
import type {
  FlowPath,
  Handover,
  PerceivedLink,
  PerceivedSecond,
} from "../../../contracts/results/native/flows.ts";
import { type EmulatedLinks, hopsOf, lastBefore } from "./emulated.ts";
import type { FlowRecord } from "./record.ts";
import { type FlowWindow, timeOf } from "./timed-flow.ts";

type Seen = Pick<ViewedLink, "cost" | "received"> & { readonly fromMs: number };

const keyOf = (from: string, to: string) => JSON.stringify([from, to]);
const unseen: readonly Seen[] = [];

/** What every host said of its links, in order. */
export class PerceivedLinks {
  readonly #series = new Map<string, Seen[]>();

  constructor({ hosts }: FlowRecord, window: FlowWindow) {
    for (const { name, views } of hosts) {
      const known = new Set<string>();
      for (const { at, links } of views) {
        const fromMs = timeOf(window, name, at);
        const named = new Map(links.map((link) => [link.peer, link]));
        for (const peer of named.keys()) known.add(peer);
        // One that is not named any more is gone.
        for (const peer of known) this.#add(keyOf(name, peer), { fromMs, ...pick(named.get(peer)) });
      }
    }
  }

  #add(key: string, seen: Seen): void {
    const series = this.#series.get(key);
    const last = series?.at(-1);
    if (series === undefined) this.#series.set(key, [seen]);
    else if (last?.cost !== seen.cost || last?.received !== seen.received) series.push(seen);
  }

  of(from: string, to: string): readonly Seen[] {
    return this.#series.get(keyOf(from, to)) ?? unseen;
  }

  get pairs(): (readonly [from: string, to: string])[] {
    return [...this.#series.keys()].map((key) => JSON.parse(key) as [string, string]);
  }

  /** When a link became worse to its host, after one moment and up to another; undefined: it did not. */
  worseAfter(from: string, to: string, [fromMs, toMs]: readonly [number, number]): number | undefined {
    const series = this.of(from, to);
    const place = lastBefore(series, fromMs);
    const before = series[place];
    if (before === undefined) return undefined;
    return series.slice(place + 1).find((seen) => seen.fromMs <= toMs && isWorse(seen, before))?.fromMs;
  }
}

const pick = (link: ViewedLink | undefined) => ({ cost: link?.cost, received: link?.received });

function isWorse(one: Seen, before: Seen): boolean {
  const cost = (seen: Seen) => seen.cost ?? Number.POSITIVE_INFINITY;
  return cost(one) > cost(before) || (one.received ?? 1) < (before.received ?? 0);
}

const mostLinks = 64;
/** What begins with the next second is not of this one. */
const tiny = 1e-3;

export interface PerceivedUse {
  readonly perceived: PerceivedLinks;
  readonly emulated: EmulatedLinks;
  readonly window: FlowWindow;
  readonly paths: readonly FlowPath[];
  /** With the link at which each was detected. */
  readonly handovers: readonly {
    readonly handover: Pick<Handover, "detectMs">;
    readonly seenBy: readonly [from: string, to: string] | undefined;
  }[];
}

/** Those that flows took come first. */
export function perceivedLinks(use: PerceivedUse): PerceivedLink[] {
  const { perceived, paths } = use;
  const taken = paths.flatMap(({ nodes }) => hopsOf(nodes)).flatMap(([a, b]) => [keyOf(a, b), keyOf(b, a)]);
  const rank = new Map([...new Set(taken)].map((key, place) => [key, place]));
  const rankOf = ([from, to]: readonly [string, string]) =>
    rank.get(keyOf(from, to)) ?? Number.MAX_SAFE_INTEGER;
  return perceived.pairs
    .sort((a, b) => rankOf(a) - rankOf(b))
    .slice(0, mostLinks)
    .map(([from, to]) => linkOf(from, to, use));
}

function linkOf(
  from: string,
  to: string,
  { perceived, emulated, window, handovers }: PerceivedUse,
): PerceivedLink {
  const series = perceived.of(from, to);
  const lengthMs = window.lengthSecs * 1000;
  const inWindow = series.filter(
    ({ fromMs, cost }, place) =>
      fromMs >= 0 && fromMs < lengthMs && place > 0 && cost !== series[place - 1]?.cost,
  );
  const first = handovers.find(({ seenBy }) => seenBy?.[0] === from && seenBy[1] === to);
  const seconds: PerceivedSecond[] = [];
  for (let second = 0; second < window.lengthSecs; second++) {
    const toMs = Math.min(second * 1000 + 1000, lengthMs);
    const seen = series[lastBefore(series, toMs - tiny)];
    const found = {
      second,
      cost: seen?.cost,
      receivedRatio: seen?.received,
      delayMs: emulated.at(from, to, toMs - tiny)?.delayMs ?? 0,
      lossRatio: emulated.meanLoss(from, to, [second * 1000, toMs]) ?? 0,
    };
    const last = seconds.at(-1);
    const isSame =
      last !== undefined &&
      last.cost === found.cost &&
      last.receivedRatio === found.receivedRatio &&
      last.delayMs === found.delayMs &&
      last.lossRatio === found.lossRatio;
    if (!isSame) seconds.push(found);
  }
  return { from, to, costChanges: inWindow.length, lagMs: first?.handover.detectMs, seconds };
}
