import { type Random, seededRandom } from "../../src/core/random.ts";
import type { LinkFailure } from "./links.ts";

/** What is done to one node. */
export type Disturbance =
  | { readonly kind: "kill" | "pause" | "isolate" }
  /** Killed, and the end of its log is torn before it is started again. */
  | { readonly kind: "tear"; readonly lostRatio: number; readonly garbageBytes: number };

/** A calm, then disturbances of some nodes, all at once and for the same time. */
export interface Episode {
  readonly calmMs: number;
  readonly lengthMs: number;
  /** How links to the isolated nodes fail; among each other they stay connected. */
  readonly failure: LinkFailure;
  readonly disturbances: readonly { readonly authority: number; readonly disturbance: Disturbance }[];
}

export interface Schedule {
  /** Authorities that are never killed. */
  readonly spared: readonly number[];
  readonly episodes: readonly Episode[];
}

/** Share of the episodes in which one node more than the committee tolerates is disturbed. */
const beyondRatio = 0.2;

/** The same seed gives the same schedule. Its episodes are so many that they take `lengthMs` together. */
export function buildSchedule(seed: string, size: number, lengthMs: number): Schedule {
  const random = seededRandom(seed);
  const faults = Math.floor((size - 1) / 3);
  const spared = shuffle(random, size).slice(0, faults);
  const episodes: Episode[] = [];
  for (let usedMs = 0; usedMs < lengthMs; ) {
    const isBeyond = random.nextRatio() < beyondRatio;
    const count = isBeyond ? faults + 1 : 1 + Math.floor(random.nextRatio() * faults);
    const authorities = shuffle(random, size).slice(0, count);
    const disturbances = authorities.map((authority, i) => ({
      authority,
      // Who lost own blocks counts as faulty: more than f such could take a commit back that they told of.
      disturbance: choose(random, { isSpared: spared.includes(authority), mayTear: i < faults }),
    }));
    const episode: Episode = {
      failure: random.nextRatio() < 0.5 ? "cut" : "lost",
      calmMs: between(random, 300, 2_500),
      // So long that a stall can be told from a slow machine.
      lengthMs: isBeyond ? between(random, 3_500, 5_000) : between(random, 500, 4_000),
      disturbances,
    };
    usedMs += episode.calmMs + episode.lengthMs;
    episodes.push(episode);
  }
  return { spared, episodes };
}

/** One line for each episode. */
export function formatSchedule({ spared, episodes }: Schedule): string {
  const lines = episodes.map(({ calmMs, lengthMs, failure, disturbances }, i) => {
    const what = disturbances.map(({ authority, disturbance }) => {
      const { kind, ...facts } = disturbance;
      return `${kind} node${authority}${Object.keys(facts).length > 0 ? ` ${JSON.stringify(facts)}` : ""}`;
    });
    return `${i + 1}. after ${calmMs} ms, for ${lengthMs} ms (links ${failure}): ${what.join(", ")}`;
  });
  return [`never killed: ${spared.map((authority) => `node${authority}`).join(", ")}`, ...lines].join("\n");
}

function choose(
  random: Random,
  { isSpared, mayTear }: { readonly isSpared: boolean; readonly mayTear: boolean },
): Disturbance {
  const gentle: readonly Disturbance[] = [{ kind: "pause" }, { kind: "isolate" }];
  const harsh: readonly Disturbance[] = [{ kind: "kill" }, { kind: "kill" }];
  const tear: Disturbance = {
    kind: "tear",
    lostRatio: random.nextRatio(),
    garbageBytes: between(random, 0, 300),
  };
  const choices = isSpared ? gentle : [...gentle, ...harsh, ...(mayTear ? [tear] : [])];
  return choices[Math.floor(random.nextRatio() * choices.length)] as Disturbance;
}

/** The numbers 0 to size - 1 in random order. */
function shuffle(random: Random, size: number): number[] {
  const order = Array.from({ length: size }, (_, i) => ({ i, key: random.nextUint32() }));
  return order.sort((a, b) => a.key - b.key).map(({ i }) => i);
}

function between(random: Random, low: number, high: number): number {
  return Math.round(low + random.nextRatio() * (high - low));
}
