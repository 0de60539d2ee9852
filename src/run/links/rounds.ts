/** Which links are probed at once, and with how many packets. Pure. */
import type { LinkShape } from "../../contracts/links/shape.ts";
import {
  type LinkChange,
  linksOf,
  type PlannedLinks,
  type ProbeRequest,
  probeLengthMs,
} from "../../contracts/links/shaping.ts";
import { seededRandom } from "../../core/random.ts";
import { shuffle } from "../../links/topology.ts";
import { askedOf, echoBytes } from "../../results/analysis/links/asked.ts";
import { keyOf } from "./control.ts";

/** Beyond so many links a sample is measured: those of 16 nodes. */
export const mostLinks = 240;

export interface LinkRounds {
  /** Of each round: links of which no two have a node in common, but for the two directions of a pair. */
  readonly rounds: readonly (readonly LinkChange[])[];
  readonly sample: "all" | "sample";
}

/**
 * All links in as few disjoint rounds as there can be: N - 1 for an even number of nodes, else N. Of more than
 * `mostLinks` the first rounds of the nodes in a seeded order, so that every node has about as many.
 */
export function planRounds(links: readonly LinkChange[], seed: string): LinkRounds {
  const known = new Map(links.map((link) => [keyOf(link), link]));
  const nodes = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
  shuffle(nodes, seededRandom(`${seed}/links`).nextUint32);
  const rounds = tournament(nodes).map((pairs) =>
    pairs.flatMap(([a, b]) =>
      [known.get(keyOf({ from: a, to: b })), known.get(keyOf({ from: b, to: a }))].filter(
        (link) => link !== undefined,
      ),
    ),
  );
  if (links.length <= mostLinks) return { rounds, sample: "all" };
  let left = mostLinks;
  const taken = rounds.map((round) => {
    const part = round.slice(0, left);
    left -= part.length;
    return part;
  });
  return { rounds: taken.filter(({ length }) => length > 0), sample: "sample" };
}

/** Everybody meets everybody once (circle method): the first stays, the others go round. */
function tournament(nodes: readonly string[]): [string, string][][] {
  const seats: (string | undefined)[] = nodes.length % 2 === 0 ? [...nodes] : [...nodes, undefined];
  const [first, ...others] = seats;
  return others.map((_, turn) => {
    const ring = [first, ...others.slice(turn), ...others.slice(0, turn)];
    return Array.from({ length: ring.length / 2 }, (_, place): [string, string][] => {
      const [a, b] = [ring[place], ring[ring.length - 1 - place]];
      return a === undefined || b === undefined ? [] : [[a, b]];
    }).flat();
  });
}

/** How much is sent: before a run, and in short after it. */
export interface ProbeEffort {
  readonly packets: number;
  /** Over links whose packets differ by chance: that lose some, or delay them unevenly. */
  readonly chancePackets: number;
  /** Over links that are down. */
  readonly downPackets: number;
}

export const fullEffort: ProbeEffort = { packets: 200, chancePackets: 2_000, downPackets: 20 };
export const shortEffort: ProbeEffort = { packets: 50, chancePackets: 500, downPackets: 10 };

const perSecond = 100;
const chancePerSecond = 1_000;
/** Share of a rate that echoes take at most. */
const rateShare = 0.5;

/** The requests of one round, which go out together: each has links with as many packets at one pace. */
export function echoRequests(
  round: readonly LinkChange[],
  shapeBack: (link: LinkChange) => LinkShape,
  effort: ProbeEffort,
): ProbeRequest[] {
  const groups = Map.groupBy(round, (link) => {
    const back = shapeBack(link);
    const { lossRatio, jitterMs, down } = askedOf({ way: "round-trip", asked: link.shape, askedBack: back });
    const [packets, pace] = down
      ? [effort.downPackets, perSecond]
      : lossRatio > 0 || jitterMs > 0
        ? [effort.chancePackets, chancePerSecond]
        : [effort.packets, perSecond];
    const leastBps = Math.min(
      link.shape.rateBps ?? Number.POSITIVE_INFINITY,
      back.rateBps ?? Number.POSITIVE_INFINITY,
    );
    // Whole packets per second, so that links with about one rate go together.
    return `${packets} ${Math.max(1, Math.floor(Math.min(pace, (rateShare * leastBps) / (echoBytes * 8))))}`;
  });
  return [...groups].map(([key, links]) => {
    const [packets = 0, pace = 1] = key.split(" ").map(Number);
    return { kind: "echo", pairs: links.map(({ from, to }) => ({ from, to })), packets, perSecond: pace };
  });
}

/** What a step takes beyond its packets: the last echo, and commands to the shapers. */
const stepSecs = 0.5;

/** About how long the links of a network are measured before a run, unless some are measured again. */
export function measuringSecs({ matrix, seed }: PlannedLinks): number {
  const links = linksOf(matrix);
  const shapes = new Map(links.map(({ from, to, shape }) => [`${from} ${to}`, shape]));
  const shapeBack = ({ from, to, shape }: LinkChange) => shapes.get(`${to} ${from}`) ?? shape;
  const { rounds } = planRounds(links, seed);
  const stepsSecs = [
    ...rounds.map((round) => Math.max(...echoRequests(round, shapeBack, fullEffort).map(lengthSecs))),
    ...goodputRequests(rounds, shapeBack).map(lengthSecs),
  ];
  const longestDelaySecs = Math.max(0, ...links.map(({ shape }) => shape.delayMs)) / 1000;
  return stepsSecs.reduce((sum, secs) => sum + secs + stepSecs + 2 * longestDelaySecs, 0);
}

const lengthSecs = (request: ProbeRequest) => probeLengthMs(request) / 1000;

/** Above it a rate is not measured, and of links at once so much. */
const mostGoodputBps = 1e9;
const leastWarmUpMs = 1_000;
const measureMs = 2_000;
/** About a minute; of more links a sample has its rate measured. */
const mostBatches = 20;

/** One direction of a pair at a time: acknowledgements of the other would share its rate. */
export function goodputRequests(
  rounds: readonly (readonly LinkChange[])[],
  shapeBack: (link: LinkChange) => LinkShape,
): ProbeRequest[] {
  const rated = rounds.map((round) =>
    round.filter(
      ({ shape }) => !shape.down && shape.rateBps !== undefined && shape.rateBps <= mostGoodputBps,
    ),
  );
  const batches = rated.flatMap((round) => {
    const isSecond = (link: LinkChange, index: number) =>
      round.slice(0, index).some(({ from, to }) => from === link.to && to === link.from);
    const first = round.filter((link, index) => !isSecond(link, index));
    const second = round.filter((link, index) => isSecond(link, index));
    return [...inBatches(first), ...inBatches(second)];
  });
  return batches.slice(0, mostBatches).map((batch) => {
    const slowestMs = Math.max(...batch.map((link) => link.shape.delayMs + shapeBack(link).delayMs));
    return {
      kind: "goodput",
      pairs: batch.map(({ from, to }) => ({ from, to })),
      warmUpMs: Math.max(leastWarmUpMs, 10 * slowestMs),
      measureMs,
    };
  });
}

function inBatches(links: readonly LinkChange[]): LinkChange[][] {
  const batches: LinkChange[][] = [];
  let sumBps = Number.POSITIVE_INFINITY;
  for (const link of links) {
    const bps = link.shape.rateBps ?? 0;
    if (sumBps + bps > mostGoodputBps) {
      batches.push([]);
      sumBps = 0;
    }
    batches.at(-1)?.push(link);
    sumBps += bps;
  }
  return batches;
}
